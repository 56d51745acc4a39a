#include "serve/tables.h"

namespace mrec::schema {
namespace {

using Properties = std::vector<Property>;

Properties operator+(Properties first, const Properties& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Property user_id() {
  return {.name = "user_id",
          .type = Type::kString,
          .doc = "Who rates. Any text; ids that differ in one byte are two people.",
          .required = true,
          .min_size = 1,
          .max_size = 100,
          .example = R"("alice")"};
}

Property artist_id() {
  return {.name = "artist_id",
          .type = Type::kInteger,
          .doc = "Id of an artist of the catalogue.",
          .required = true};
}

Property top_k() {
  return {.name = "top_k",
          .type = Type::kInteger,
          .doc = "How many artists to recommend.",
          .preset = "10",
          .min = 1,
          .max = 50};
}

Property limit(const char* doc, const char* preset = "10") {
  return {
      .name = "limit", .type = Type::kInteger, .doc = doc, .preset = preset, .min = 1, .max = 50};
}

Property offset() {
  return {.name = "offset",
          .type = Type::kInteger,
          .doc = "How many artists of the list to skip: the next page begins where this one ended.",
          .preset = "0",
          .min = 0,
          .max = 1000};
}

Property genre(const char* doc) {
  return {.name = "genre", .type = Type::kString, .doc = doc, .max_size = 100};
}

// Which artists a list of recommendations may hold, and how it is mixed.
Properties choice() {
  return {
      {.name = "exclude",
       .type = Type::kIntegers,
       .doc = "Artists that must not come, such as those already shown or disliked. Ids that the "
              "catalogue lacks do not matter.",
       .max_size = 200},
      {.name = "genres",
       .type = Type::kStrings,
       .doc = "Only artists whose genre contains one of these texts, upper or lower case.",
       .max_size = 50},
      {.name = "exclude_genres",
       .type = Type::kStrings,
       .doc = "No artist whose genre contains one of these texts.",
       .max_size = 50},
      {.name = "min_listeners",
       .type = Type::kInteger,
       .doc = "Only artists with at least so many listeners in the training data.",
       .min = 0,
       .max = 2147483647},
      {.name = "max_listeners",
       .type = Type::kInteger,
       .doc = "Only artists with at most so many listeners in the training data.",
       .min = 0,
       .max = 2147483647},
      {.name = "diversity",
       .type = Type::kNumber,
       .doc = "0 is pure relevance; towards 1 an artist comes the later, the more it is like one "
              "before it (maximal marginal relevance).",
       .preset = "0",
       .min = 0,
       .max = 1},
      {.name = "familiarity",
       .type = Type::kNumber,
       .doc = "Above 0 well known artists come first, below 0 obscure ones. The end of the scale "
              "multiplies the odds of the best known artist by e^4, those of the least known by "
              "e^-4; the scores that are told stay those of the model.",
       .preset = "0",
       .min = -1,
       .max = 1},
      offset(),
  };
}

Properties method_and_explain() {
  return {
      {.name = "method",
       .type = Type::kString,
       .doc = "How ratings become a user vector: as the loss of the training would have it, or the "
              "plain weighted mean of the rated artists.",
       .preset = R"("fold_in")",
       .choices = {"fold_in", "mean"}},
      {.name = "explain",
       .type = Type::kBoolean,
       .doc = "Tell for each artist how much each rated one contributed to its raw_score.",
       .preset = "false"},
      {.name = "exclude_rated",
       .type = Type::kBoolean,
       .doc = "Leave out what was rated.",
       .preset = "true"},
  };
}

const Schema& rating() {
  static const Schema kSchema = {
      "Rating",
      "One artist and its place among a person's favourites.",
      {artist_id(),
       {.name = "rank",
        .type = Type::kInteger,
        .doc = "1 is the favourite. Ranks need not begin at 1 nor be without gaps.",
        .required = true,
        .min = 1,
        .max = 10}}};
  return kSchema;
}

const Schema& taste_rating() {
  static const Schema kSchema = {
      "TasteRating",
      "One artist and its place among a person's favourites.",
      {artist_id(),
       {.name = "rank",
        .type = Type::kInteger,
        .doc = "1 is the favourite and counts 1, 2 counts 0.9, from 10 on all count 0.1.",
        .required = true,
        .min = 1,
        .max = 50}}};
  return kSchema;
}

std::vector<Unique> unique_ratings() {
  return {{"artist_id", "Duplicate artist IDs found in ratings"},
          {"rank", "Duplicate ranks found. Each artist must have a unique rank"}};
}

Property ratings() {
  return {.name = "ratings",
          .type = Type::kObjects,
          .doc = "The artists, each once, each with a rank of its own.",
          .required = true,
          .min_size = 1,
          .max_size = 10,
          .of = &rating(),
          .unique = unique_ratings()};
}

// Of answers.
Property text(const char* name, const char* doc) {
  return {.name = name, .type = Type::kString, .doc = doc, .required = true};
}
Property integer(const char* name, const char* doc) {
  return {.name = name, .type = Type::kInteger, .doc = doc, .required = true};
}
Property number(const char* name, const char* doc) {
  return {.name = name, .type = Type::kNumber, .doc = doc, .required = true};
}
Property boolean(const char* name, const char* doc) {
  return {.name = name, .type = Type::kBoolean, .doc = doc, .required = true};
}
Property object(const char* name, const char* doc, const Schema* of = nullptr) {
  return {.name = name, .type = Type::kObject, .doc = doc, .required = true, .of = of};
}
Property objects(const char* name, const char* doc, const Schema* of = nullptr) {
  return {.name = name, .type = Type::kObjects, .doc = doc, .required = true, .of = of};
}
Property optional(Property property) {
  property.required = false;
  return property;
}

Property listeners() {
  return integer("listeners", "Users with this artist in the training data.");
}
Property genre_of() { return text("genre", "As the catalogue has it; empty when unknown."); }

const Schema& contribution() {
  static const Schema kSchema = {
      "Contribution",
      "What one rated artist gave to a score.",
      {integer("artist_id", "The rated artist."), text("artist_name", "Its name."),
       number("contribution", "Part of raw_score; below 0 it spoke against.")}};
  return kSchema;
}

const Schema& recommendation() {
  static const Schema kSchema = {
      "Recommendation",
      "One artist of a list.",
      {integer("rank", "Its place in the whole list, from 1."), integer("artist_id", "Its id."),
       text("artist_name", "Its name."),
       number("score", "0..1: how probable it is that the person listens to this artist."),
       number("raw_score", "What the model computed: user vector . artist factors + artist bias."),
       genre_of(),
       optional(objects("explanation",
                        "With `explain`: what each rated artist contributed, most first. All "
                        "contributions and `bias` add up to raw_score.",
                        &contribution())),
       optional(
           number("bias", "With `explain`: the part of raw_score that any person would get."))}};
  return kSchema;
}

Properties list_properties() {
  return {objects("recommendations", "Best first.", &recommendation()),
          text("source",
               "`personal`: from the person's taste; `popular`: the most listened, because nothing "
               "is known of the person and `fallback` asked for it."),
          integer("total", "Artists that pass the filters, from which these were chosen."),
          integer("offset", "As asked.")};
}

Properties success_and_message() {
  return {boolean("success", "Always true."), text("message", "For people.")};
}

}  // namespace

const Schema& submission() {
  static const Schema kSchema = {"RatingSubmission",
                                 "The favourites of one person; they replace all earlier ones.",
                                 {user_id(), ratings()}};
  return kSchema;
}

const Schema& replacement() {
  static const Schema kSchema = {
      "RatingReplacement", "The favourites of the person of the path.", {ratings()}};
  return kSchema;
}

const Schema& recommendations() {
  static const Schema kSchema = {
      "RecommendationRequest", "What to recommend to a person whose ratings are stored.",
      Properties{user_id(), top_k()} + method_and_explain() +
          Properties{{.name = "fallback",
                      .type = Type::kString,
                      .doc = "What to answer for a person without ratings, instead of 404.",
                      .choices = {"popular"}}} +
          choice()};
  return kSchema;
}

const Schema& taste() {
  static const Schema kSchema = {
      "TasteRequest", "What to recommend to a taste; nothing is stored.",
      Properties{{.name = "ratings",
                  .type = Type::kObjects,
                  .doc = "The artists, each once, each with a rank of its own.",
                  .required = true,
                  .min_size = 1,
                  .max_size = 50,
                  .of = &taste_rating(),
                  .unique = unique_ratings()},
                 {.name = "dislikes",
                  .type = Type::kIntegers,
                  .doc = "Artists the person does not want; they are left out, no more.",
                  .max_size = 200},
                 top_k()} +
          method_and_explain() + choice()};
  return kSchema;
}

const Schema& batch() {
  static const Schema kSchema = {
      "BatchRequest",
      "Several requests in one.",
      {{.name = "requests",
        .type = Type::kObjects,
        .doc = "Bodies of /recommendations (with `user_id`) or of /recommendations/taste (with "
               "`ratings`).",
        .required = true,
        .min_size = 1,
        .max_size = 32}}};
  return kSchema;
}

const Schema& user_id_in_path() {
  static const Schema kSchema = {"UserIdInPath", "", {user_id()}};
  return kSchema;
}

const Schema& artist_id_in_path() {
  static const Schema kSchema = {"ArtistIdInPath", "", {artist_id()}};
  return kSchema;
}

const Schema& known_user_in_path() {
  static const Schema kSchema = {"KnownUserInPath",
                                 "",
                                 {{.name = "user_id",
                                   .type = Type::kInteger,
                                   .doc = "Id of a user of the training data.",
                                   .required = true}}};
  return kSchema;
}

const Schema& known_user_query() {
  static const Schema kSchema = {
      "KnownUserQuery", "",
      Properties{top_k(),
                 {.name = "exclude_heard",
                  .type = Type::kBoolean,
                  .doc = "Leave out what the user has heard, where the server knows it.",
                  .preset = "true"}} +
          choice()};
  return kSchema;
}

const Schema& survey_query() {
  static const Schema kSchema = {
      "SurveyQuery",
      "",
      {limit("How many artists. A submission takes ten at most."),
       {.name = "seed",
        .type = Type::kInteger,
        .doc = "Draws another set of well known, different artists; the same seed, the same set.",
        .min = 0},
       genre("Only artists whose genre contains this text.")}};
  return kSchema;
}

const Schema& artists_query() {
  static const Schema kSchema = {
      "ArtistsQuery",
      "",
      {{.name = "q",
        .type = Type::kString,
        .doc = "Begin of the name, or of words of it, in any order; case, accents and slips do not "
               "matter. Without it the most listened artists come.",
        .max_size = 200},
       limit("How many artists."),
       offset(),
       genre("Only artists whose genre contains this text.")}};
  return kSchema;
}

const Schema& similar_query() {
  static const Schema kSchema = {"SimilarQuery",
                                 "",
                                 {limit("How many artists."), offset(),
                                  genre("Only artists whose genre contains this text.")}};
  return kSchema;
}

const Schema& map_query() {
  static const Schema kSchema = {"MapQuery",
                                 "",
                                 {{.name = "limit",
                                   .type = Type::kInteger,
                                   .doc = "How many artists, the most listened first.",
                                   .preset = "1000",
                                   .min = 1,
                                   .max = 5000}}};
  return kSchema;
}

const Schema& service_answer() {
  static const Schema kSchema = {"Service",
                                 "What answers here.",
                                 {text("status", "`healthy`."), text("service", "Its name."),
                                  text("version", "Of the contract.")}};
  return kSchema;
}

const Schema& health_answer() {
  static const Schema kSchema = {"Health",
                                 "The process lives.",
                                 {text("status", "`healthy`."), text("service", "Its name."),
                                  object("endpoints", "Where the first three calls are.")}};
  return kSchema;
}

const Schema& survey_answer() {
  static const Schema kSchema = {
      "Survey",
      "Artists to rank.",
      {boolean("success", "Always true."), integer("count", "How many artists."),
       object("artists",
              "By id, as text, in the order in which to ask: `artist_id`, `name`, "
              "`genre` of each.")}};
  return kSchema;
}

const Schema& saved_answer() {
  static const Schema kSchema = {
      "Saved", "The ratings are on the disk.",
      success_and_message() +
          Properties{text("user_id", "Whose."), integer("ratings_count", "How many.")}};
  return kSchema;
}

const Schema& ratings_answer() {
  static const Schema kRated = {"StoredRating",
                                "A stored rating.",
                                {integer("artist_id", "The artist."),
                                 text("artist_name",
                                      "\"Unknown Artist\" for one that the served "
                                      "model lacks."),
                                 integer("rank", "1 is the favourite.")}};
  static const Schema kSchema = {"Ratings",
                                 "What a person rated, by rank.",
                                 {text("user_id", "Whose."), integer("count", "How many."),
                                  objects("ratings", "By ascending rank.", &kRated)}};
  return kSchema;
}

const Schema& recommendations_answer() {
  static const Schema kSchema = {
      "Recommendations", "Artists for a person.",
      success_and_message() + Properties{text("user_id", "For whom.")} + list_properties()};
  return kSchema;
}

const Schema& taste_answer() {
  static const Schema kSchema = {"TasteRecommendations", "Artists for a taste.",
                                 success_and_message() + list_properties()};
  return kSchema;
}

const Schema& batch_answer() {
  static const Schema kResult = {
      "BatchResult",
      "What the request alone would have got: its status, and its answer beside it.",
      {integer("status", "200, 400, 404 or 422.")}};
  static const Schema kSchema = {"BatchAnswer",
                                 "One result for each request, in their order.",
                                 {integer("count", "How many."),
                                  objects("results", "In the order of the requests.", &kResult)}};
  return kSchema;
}

const Schema& known_user_answer() {
  static const Schema kSchema = {
      "KnownUserRecommendations", "Artists for a user of the training data.",
      success_and_message() + Properties{integer("user_id", "For whom.")} + list_properties() +
          Properties{boolean("excludes_heard",
                             "Whether what the user has heard was left out: the server knows it "
                             "when it was started with --dataset.")}};
  return kSchema;
}

const Schema& artists_answer() {
  static const Schema kArtist = {
      "FoundArtist",
      "An artist that was found.",
      {integer("artist_id", "Its id."), text("name", "Its name."), genre_of(), listeners(),
       text("match", "`exact`, `prefix`, `words`, `typo`; `all` without a query.")}};
  static const Schema kSchema = {"FoundArtists",
                                 "Artists, best match first, of equal ones the most listened.",
                                 {integer("count", "In this answer."), integer("total", "In all."),
                                  objects("artists", "Best first.", &kArtist)}};
  return kSchema;
}

const Schema& artist_answer() {
  static const Schema kSchema = {
      "Artist",
      "One artist.",
      {integer("artist_id", "Its id."), text("name", "Its name."), genre_of(), listeners(),
       number("popularity_percentile",
              "0..100: how many artists have fewer listeners; of those "
              "with as many, half are counted."),
       boolean("in_survey", "Whether new users are asked about it.")}};
  return kSchema;
}

const Schema& similar_answer() {
  static const Schema kOne = {"SimilarArtist",
                              "An artist near another.",
                              {integer("artist_id", "Its id."), text("name", "Its name."),
                               genre_of(), number("similarity", "Cosine of the factors, -1..1.")}};
  static const Schema kSchema = {"SimilarArtists",
                                 "The nearest artists.",
                                 {integer("artist_id", "To whom."), text("name", "Its name."),
                                  objects("similar", "Nearest first.", &kOne)}};
  return kSchema;
}

const Schema& genres_answer() {
  static const Schema kOne = {
      "Genre", "A genre.", {text("genre", "Its name."), integer("artists", "How many have it.")}};
  static const Schema kSchema = {
      "Genres",
      "All genres of the catalogue.",
      {integer("count", "How many."), objects("genres", "Those with most artists first.", &kOne)}};
  return kSchema;
}

const Schema& model_answer() {
  static const Schema kSchema = {
      "Model",
      "What the served model tells about itself.",
      {text("model", "First 12 digits of the SHA-256 of its content; also the header Mrec-Model."),
       integer("dim", "Length of a vector."), text("loss", "With which it was trained."),
       integer("artists", "In the catalogue."), integer("users", "Trained."),
       object("params", "All options of the training."),
       object("metrics", "What was measured when it was trained, by name."),
       objects("training", "Validations on the way: epoch and value, where they are recorded."),
       optional(object("evaluation",
                       "What mrec-evaluate found out about this model: facts, and per "
                       "scorer, also of baselines, metrics with intervals.")),
       optional(objects("trials", "Of the study in which it was found, as mrec-study tells them.")),
       object("provenance", "Where it comes from."),
       text("trained", "When, ISO 8601; empty when not recorded."),
       object("calibration", "score = 1 / (1 + exp(-(slope raw_score + offset))).")}};
  return kSchema;
}

const Schema& map_answer() {
  static const Schema kPoint = {
      "MapArtist",
      "A point of the map.",
      {integer("artist_id", "Its id."), text("name", "Its name."), genre_of(), listeners(),
       number("x", "First component."), number("y", "Second component.")}};
  static const Schema kSchema = {
      "Map",
      "The directions of the artists' vectors on their first two principal components.",
      {integer("count", "How many."),
       {.name = "explained",
        .type = Type::kAny,
        .doc = "Two numbers: how much of the variance each axis explains, 0..1.",
        .required = true},
       objects("artists", "Most listened first.", &kPoint)}};
  return kSchema;
}

const Schema& error_answer() {
  static const Schema kSchema = {"Error", "Why not.", {text("detail", "For people.")}};
  return kSchema;
}

const Schema& validation_answer() {
  static const Schema kFault = {
      "Fault",
      "One fault of a request, as pydantic tells it.",
      {text("type", "What kind, such as `missing` or `less_than_equal`."),
       {.name = "loc",
        .type = Type::kAny,
        .doc = "Where: `body`, `query` or `path`, then names and places.",
        .required = true},
       text("msg", "For people."),
       {.name = "input", .type = Type::kAny, .doc = "What was given.", .required = true},
       optional(object("ctx", "The bound that was broken, such as {\"le\": 50}."))}};
  static const Schema kSchema = {"ValidationError",
                                 "All faults of a request.",
                                 {objects("detail", "In the order of the table.", &kFault)}};
  return kSchema;
}

const Schema& problem_answer() {
  static const Schema kSchema = {
      "Problem",
      "RFC 9457: any error, when `Accept` asks for application/problem+json.",
      {text("type", "`about:blank`."), text("title", "The status in words."),
       integer("status", "The status."), text("detail", "What happened here."),
       text("instance", "The path that was asked."),
       optional(objects("errors", "Of 422: the faults, as in ValidationError."))}};
  return kSchema;
}

const Schema& readiness_answer() {
  static const Schema kSchema = {
      "Readiness",
      "Whether requests should be sent here.",
      {text("status", "`ready`, or why not."), optional(text("model", "Which model is served."))}};
  return kSchema;
}

const Schema& reload_answer() {
  static const Schema kSchema = {
      "Reloaded",
      "Another model is served.",
      {text("model", "The one that is served now."), text("previous", "The one before.")}};
  return kSchema;
}

}  // namespace mrec::schema
