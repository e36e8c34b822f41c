import { describe, expect, it } from "vitest";
import { describeConfig } from "./config.ts";

describe("the printed configuration", () => {
  it.each([
    ["smtp://someone:s3cret-word@smtp.example.com:587", "smtp://…@smtp.example.com:587"],
    ["smtp://a@example.com:s3cret@word@smtp.example.com", "(set, hidden)"],
    ["smtp://someone:s3cret/word@smtp.example.com", "(set, hidden)"],
    ["smtp://someone:s3cret?word@smtp.example.com", "(set, hidden)"],
    ["smtp://someone:s3cret#word@smtp.example.com", "(set, hidden)"],
  ])("shows the host of %s and nothing of its log-in", (url, shown) => {
    const text = describeConfig({ SMTP_URL: url });
    expect(text).toContain(`SMTP_URL=${shown}\n`);
    for (const part of ["s3cret", "word"]) expect(text).not.toContain(part);
  });

  it("shows nothing of a password in a database's address, wherever it stands", () => {
    for (const url of [
      "postgres://u:s3cret@db.example.com/meiduo",
      "postgres://db.example.com/meiduo?user=u&password=s3cret",
      "postgres://db.example.com/meiduo?password=x@s3cret",
      "redis+sentinel://:s3cret@one:26379,two:26379/master/0",
    ]) {
      const name = url.startsWith("redis") ? "REDIS_URL" : "DATABASE_URL";
      expect(describeConfig({ [name]: url })).not.toContain("s3cret");
    }
    expect(describeConfig({ SECRET_KEY: "s3cret".repeat(8) })).not.toContain("s3cret");
  });
});
