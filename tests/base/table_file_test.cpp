#include "base/table_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/random.h"
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

// The file is read in pieces of 256 KB: rows across their borders must come out whole.
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
  const std::string whole(std::size_t{1} << 18U, 'z');  // exactly one piece
  EXPECT_TRUE(csv(whole) == Rows{{whole}});
  EXPECT_TRUE(csv(whole.substr(1) + "\n") == Rows{{whole.substr(1)}});
}

// The rules of table_file.h, character by character.
Rows slow_csv(const std::string& text) {
  Rows rows;
  const auto is_end = [&](std::size_t i) {  // of a line
    return i >= text.size() || text[i] == '\n' ||
           (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] == '\n'));
  };
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\n' || text[i] == '\r') {
      ++i;
      continue;
    }
    std::vector<std::string> row;
    for (bool more = true; more; ++i) {
      std::string cell;
      const bool quoted = text[i] == '"' && i < text.size();
      if (quoted) {
        for (++i; i < text.size(); ++i) {
          if (text[i] == '"' && (i + 1 == text.size() || text[i + 1] != '"')) break;
          if (text[i] == '"') ++i;
          cell += text[i];
        }
        if (i < text.size()) ++i;
      }
      for (; !is_end(i) && text[i] != ','; ++i) {
        if (!quoted) cell += text[i];
      }
      row.push_back(cell);
      more = i < text.size() && text[i] == ',';
    }
    --i;
    rows.push_back(row);
  }
  return rows;
}

TEST(TableFile, AnyMixtureOfSignsIsReadByTheRules) {
  Rng rng(1);
  constexpr std::string_view kSigns("aaaaaaaaaabbbbbbbbbb,,,,,,\n\n\r\r\"; \0\xFF\xC3\x01", 38);
  const TempDir directory;
  int num_read = 0;
  for (int round = 0; round < 1'000; ++round) {
    std::string content;
    const std::uint32_t size = rng.below(round % 2 == 0 ? 30 : 400);
    while (content.size() < size) {
      if (rng.below(12) == 0) {
        content += rng.below(2) == 0 ? ",\"a,\nb\"\"\"," : "\r\n";
      } else {
        content += kSigns[rng.below(static_cast<std::uint32_t>(kSigns.size()))];
      }
    }
    try {
      ASSERT_EQ(csv(content), slow_csv(content)) << testing::PrintToString(content);
      ++num_read;
    } catch (const InputError&) {  // a quote that is not closed
    }
  }
  EXPECT_GT(num_read, 300);
}

// Every sign that means something, at every distance from the border of the pieces.
TEST(TableFile, TheBorderOfPiecesMayLieAnywhere) {
  const std::string rows = "a,\"x\"\"y\r\n,z\"\r\nb\r,\"\"\"\",c\r\n\r\nd,\"e\"f\n";
  const Rows expected{{"a", "x\"y\r\n,z"}, {"b\r", "\"", "c"}, {"d", "e"}};
  for (std::size_t before = 0; before <= rows.size(); ++before) {
    const std::string filling((std::size_t{1} << 18U) - before - 1, 'f');
    Rows all = expected;
    all.insert(all.begin(), {filling});
    EXPECT_TRUE(csv(filling + "\n" + rows) == all) << before;
    EXPECT_TRUE(csv(filling + "\n" + rows.substr(0, rows.size() - 1)) == all) << before;
  }
}

TEST(TableFile, ZerosAndBytesThatAreNoTextAreOrdinary) {
  const std::string zeros("a\0,\0\0\n\0,\"\0\"\n", 12);
  EXPECT_EQ(csv(zeros), (Rows{{std::string("a\0", 2), std::string("\0\0", 2)},
                              {std::string("\0", 1), std::string("\0", 1)}}));
  EXPECT_EQ(csv("\xFF\xFE,\x80\xC3\n"), (Rows{{"\xFF\xFE", "\x80\xC3"}}));
}

TEST(TableFile, WhatLiesBehindACellMayBeRead) {
  const TempDir directory;
  for (const char* content : {"a", "\"a\"", "\"\"\"\"", "x,"}) {
    TableFile file(directory.file("t", content), TableFile::Kind::kCsv);
    ASSERT_TRUE(file.next());
    const std::string_view cell = file.cells().back();
    int sum = 0;
    for (std::size_t i = 0; i < TableFile::kReadable; ++i) sum |= cell.data()[cell.size() + i];
    EXPECT_LE(sum, 127) << "read, whatever it is";
  }
}

TEST(TableFile, APipeIsReadLikeAFile) {
  const TempDir directory;
  const std::string pipe = directory.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::string content;
  for (int i = 0; content.size() < 600'000; ++i) content += std::to_string(i) + ",\"a\nb\"\r\n";
  const std::jthread writer([&] { std::ofstream(pipe, std::ios::binary) << content; });
  Rows rows;
  TableFile file(pipe, TableFile::Kind::kCsv);
  while (file.next()) rows.emplace_back(file.cells().begin(), file.cells().end());
  EXPECT_TRUE(rows == csv(content));
}

TEST(TableFile, AFileThatShrinksEndsWhereItEnds) {
  const TempDir directory;
  std::string content;
  while (content.size() < 2'000'000) content += "abcdefg,hijklmn\n";
  const std::string path = directory.file("t", content);
  TableFile file(path, TableFile::Kind::kCsv);
  ASSERT_TRUE(file.next());
  std::filesystem::resize_file(path, 800'003);
  std::int64_t num_rows = 1;
  std::size_t num_cells = 0;
  while (file.next()) {
    ++num_rows;
    num_cells = file.cells().size();
  }
  EXPECT_EQ(num_rows, 800'003 / 16 + 1);
  EXPECT_EQ(num_cells, 1U) << "the last row is cut";
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
