// SPDX-License-Identifier: PostgreSQL
#include "directory.h"

#include "failure.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

using namespace migrate::client;
namespace fs = std::filesystem;

namespace {

class ClientDirectory : public testing::Test
{
protected:
    void SetUp() override
    {
        std::string pattern = (fs::temp_directory_path() / "pg_migrate_test_XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    void write(const std::string &name, const std::string &content)
    {
        std::ofstream(folder_ / name, std::ios::binary) << content;
    }

    Failure refused()
    {
        try {
            read_directory(folder_);
        } catch (const Failure &failure) {
            return failure;
        }
        ADD_FAILURE() << "the folder was accepted";
        return client_failure(ExitCode::done, "");
    }

    fs::path folder_;
};

TEST_F(ClientDirectory, FilesComeInTheOrderOfTheirNumbers)
{
    for (const char *name : {"v10_c.sql", "v9_b.sql", "v1_a.SQL"})
        write(name, "SELECT 1;");
    EXPECT_EQ(names_of(read_directory(folder_)),
              (std::vector<std::string>{"v1_a", "v9_b", "v10_c"}));
}

TEST_F(ClientDirectory, OnlySqlFilesOfTheFolderItselfCount)
{
    fs::create_directory(folder_ / "sub");
    fs::create_directory(folder_ / "v3.sql");
    write("sub/v2.sql", "");
    write("v1.sql", "");
    write("README.md", "");
    write(".hidden.sql", "\xff");
    fs::create_symlink(folder_ / "v1.sql", folder_ / "v4.sql"); // as Kubernetes mounts them
    fs::create_symlink(folder_ / "nowhere", folder_ / "v5.sql");
    EXPECT_EQ(names_of(read_directory(folder_)), (std::vector<std::string>{"v1", "v4"}));
}

TEST_F(ClientDirectory, ContentIsTakenAsItIs)
{
    const std::string content = "\xef\xbb\xbf-- migrate:up\r\nSELECT 'สวัสดี';\r";
    write("v1.sql", content);
    write("v2.sql", "");
    const auto files = read_directory(folder_);
    EXPECT_EQ(files.at(0).content, content);
    EXPECT_EQ(files.at(0).path, (folder_ / "v1.sql").string());
    EXPECT_EQ(files.at(1).content, "");
}

TEST_F(ClientDirectory, OddNames)
{
    write("007_x y.z.sql", "");
    write("7_ü.sql", "");
    EXPECT_EQ(names_of(read_directory(folder_)).size(), 2U);
    write("8_\xff.sql", "");
    EXPECT_NE(refused().error.message.find("is not valid UTF-8"), std::string::npos);
}

TEST_F(ClientDirectory, InvalidBytesAreNamedWithOffsetAndLine)
{
    write("v1.sql", "SELECT 1;\n-- caf\xe9\n");
    const Failure failure = refused();
    EXPECT_EQ(failure.code, ExitCode::failed);
    EXPECT_NE(failure.error.message.find("v1.sql\" is not valid UTF-8"), std::string::npos);
    EXPECT_EQ(failure.error.detail, "The first invalid byte is byte 0xe9 at offset 16, line 2.");
    EXPECT_NE(failure.error.hint.find("LATIN1"), std::string::npos);
}

TEST_F(ClientDirectory, Utf16IsRecognised)
{
    write("v1.sql", std::string("\xff\xfeS\0E\0", 6));
    EXPECT_NE(refused().error.hint.find("-f UTF-16"), std::string::npos);
}

TEST_F(ClientDirectory, NulIsRefused)
{
    write("v1.sql", std::string("SELECT\n\0 1;", 11));
    const Failure failure = refused();
    EXPECT_NE(failure.error.message.find("holds a NUL byte"), std::string::npos);
    EXPECT_EQ(failure.error.detail, "It is byte 0x00 at offset 7, line 2.");
}

TEST_F(ClientDirectory, TheSameNameTwiceIsRefused)
{
    write("v1.sql", "");
    write("v1.SQL", "");
    const Failure failure = refused();
    EXPECT_EQ(failure.error.message, "migration \"v1\" is there twice");
    EXPECT_NE(failure.error.detail.find("v1.SQL"), std::string::npos);
    EXPECT_NE(failure.error.detail.find("v1.sql"), std::string::npos);
}

TEST_F(ClientDirectory, AFolderThatIsNotThereIsAUsageError)
{
    fs::remove_all(folder_);
    const Failure failure = refused();
    EXPECT_EQ(failure.code, ExitCode::usage);
    EXPECT_NE(failure.error.message.find("No such file or directory"), std::string::npos);
}

TEST_F(ClientDirectory, AFileThatCannotBeRead)
{
    EXPECT_THROW(read_file(folder_ / "none.sql"), Failure);
    EXPECT_THROW(read_file(folder_), Failure);
}

TEST(ClientText, InvalidByteFollowsTheUnicodeTable)
{
    EXPECT_EQ(invalid_byte(""), std::nullopt);
    EXPECT_EQ(invalid_byte("ascii \u00e9 \u20ac \U0001F600 \U0010FFFF"), std::nullopt);
    EXPECT_EQ(invalid_byte("a\xc0\xaf"), 1U);         // overlong
    EXPECT_EQ(invalid_byte("a\xe0\x80\xaf"), 1U);     // overlong
    EXPECT_EQ(invalid_byte("a\xed\xa0\x80"), 1U);     // surrogate
    EXPECT_EQ(invalid_byte("a\xf4\x90\x80\x80"), 1U); // over 10FFFF
    EXPECT_EQ(invalid_byte("a\xf0\x80\x80\x80"), 1U); // overlong
    EXPECT_EQ(invalid_byte("ab\xe2\x82"), 2U);        // cut off
    EXPECT_EQ(invalid_byte("\x80"), 0U);
    EXPECT_EQ(invalid_byte(std::string_view("a\0b", 3)), 1U);
}

} // namespace
