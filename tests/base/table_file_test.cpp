#include "base/table_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows read(const std::string& content, TableFile::Kind kind) {
  const TempDir directory;
  TableFile file(directory.file("t", content), kind);
  Rows rows;
  while (file.next()) rows.emplace_back(file.cells().begin(), file.cells().end());
  return rows;
}
Rows csv(const std::string& content) { return read(content, TableFile::Kind::kCsv); }
Rows tsv(const std::string& content) { return read(content, TableFile::Kind::kTsv); }

TEST(TableFile, LineEndsBomAndAMissingLastEndMakeNoDifference) {
  const Rows expected{{"a", "b"}, {"1", "2"}};
  for (const char* content : {"a,b\n1,2\n", "a,b\r\n1,2\r\n", "a,b\r\n1,2",
                              "\xEF\xBB\xBF"
                              "a,b\n1,2"}) {
    EXPECT_EQ(csv(content), expected) << content;
  }
}

TEST(TableFile, QuotedCellsHoldSeparatorsLineEndsAndQuotes) {
  EXPECT_EQ(csv("x,\"a, b\",\"say \"\"hi\"\"\",\"two\nlines\"\ny,\"\",\"\"\"\"\n"),
            (Rows{{"x", "a, b", "say \"hi\"", "two\nlines"}, {"y", "", "\""}}));
}

TEST(TableFile, InTabSeparatedFilesQuotesArePlain) {
  EXPECT_EQ(tsv("1686\t\"Weird Al\" Yankovic\thttp\n2906\tRoyce da 5'9\"\t\n"),
            (Rows{{"1686", "\"Weird Al\" Yankovic", "http"}, {"2906", "Royce da 5'9\"", ""}}));
}

TEST(TableFile, EmptyCellsStayAndEmptyLinesGo) {
  EXPECT_EQ(csv(",,\n\n\r\na,,b"), (Rows{{"", "", ""}, {"a", "", "b"}}));
  EXPECT_TRUE(csv("").empty());
  EXPECT_TRUE(csv("\n\n").empty());
}

TEST(TableFile, RowsKnowTheLineWhereTheyBegin) {
  const TempDir directory;
  TableFile file(directory.file("t", "a\n\n\"x\ny\",1\r\nb\n"), TableFile::Kind::kCsv);
  std::vector<std::int64_t> lines;
  while (file.next()) lines.push_back(file.line());
  EXPECT_THAT(lines, testing::ElementsAre(1, 3, 5));
}

TEST(TableFile, AQuoteThatIsNeverClosedIsRefusedByLine) {
  std::string content = "a\nb,\"open";
  for (int i = 0; i < 200; ++i) content += "\nmore";
  EXPECT_THAT([&] { csv(content); },
              testing::ThrowsMessage<InputError>(testing::HasSubstr("t:2: a quote is opened")));
  EXPECT_EQ(csv("a\nb,\"cut he"), (Rows{{"a"}, {"b", "cut he"}})) << "cut in the last row";
}

TEST(TableFile, AnUnclosedQuoteDoesNotSwallowTheLastRows) {
  EXPECT_THAT([] { csv("a,b\n1,\"open\n2,x\n3,y\n"); },
              testing::ThrowsMessage<InputError>(testing::HasSubstr("t:2: a quote is opened")));
  EXPECT_EQ(csv("a\n\"say \"\"hi"), (Rows{{"a"}, {"say \"hi"}})) << "cut in the last row";
}

TEST(TableFile, TheWholeRowIsAtHandForReports) {
  const TempDir directory;
  TableFile file(directory.file("t", "\xEF\xBB\xBF\"a\",b\r\nc,\"d\ne\"\n"), TableFile::Kind::kCsv);
  ASSERT_TRUE(file.next());
  EXPECT_EQ(file.text(), "\"a\",b");
  ASSERT_TRUE(file.next());
  EXPECT_EQ(file.text(), "c,\"d\ne\"");
  EXPECT_FALSE(file.next());
}

// The file is read in pieces of a megabyte: rows across their borders must come out whole.
TEST(TableFile, RowsAcrossThePiecesOfALongFileComeOutWhole) {
  for (const char* end : {"\n", "\r\n"}) {
    std::string content;
    Rows expected;
    for (std::size_t i = 0; content.size() < 3'000'000; ++i) {
      const std::string filling(i % 97, 'x');
      content += std::to_string(i) + ",\"a \"\"" + filling + "\n,\"," + filling + end;
      expected.push_back({std::to_string(i), "a \"" + filling + "\n,", filling});
    }
    expected.push_back({std::string(2'500'000, 'y'), "last"});
    content += std::string(2'500'000, 'y') + ",last";
    EXPECT_TRUE(csv(content) == expected) << "line ends of " << std::string(end).size();
  }
  const std::string whole(std::size_t{1} << 20U, 'z');  // exactly one piece
  EXPECT_TRUE(csv(whole) == Rows{{whole}});
  EXPECT_TRUE(csv(whole.substr(1) + "\n") == Rows{{whole.substr(1)}});
}

TEST(TableFile, AMissingFileAndADirectoryAreRefused) {
  const TempDir directory;
  EXPECT_THAT([&] { TableFile(directory.path("none"), TableFile::Kind::kCsv); },
              testing::ThrowsMessage<InputError>(testing::HasSubstr("cannot be opened")));
  EXPECT_THAT([&] { TableFile(directory.path(""), TableFile::Kind::kCsv); },
              testing::ThrowsMessage<InputError>(testing::HasSubstr("is a directory")));
}

}  // namespace
}  // namespace mrec
