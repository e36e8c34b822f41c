import { expect, it, test } from "vitest";
import { settingProblems } from "../../errors/setting-problem.ts";
import { mailHost, parseMailUrl } from "./mail-url.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

it("says by its scheme how mails go out", () => {
  expect(parseMailUrl("smtps://a@qq.com:code@smtp.qq.com")).toMatchObject({ by: "smtp" });
  const hook = parseMailUrl(`hook+https://${secret}@mail.example.com/send?site=1`);
  expect(hook).toMatchObject({ by: "hook", url: "https://mail.example.com/send?site=1" });
  expect(mailHost(hook)).toBe("mail.example.com");
  expect(parseMailUrl("resend://re_12%2F3@api.resend.com")).toEqual({
    ...{ by: "resend", url: "https://api.resend.com/", apiKey: "re_12/3" },
  });
  expect(parseMailUrl("directmail://LTAI1:s+e/c=@dm.aliyuncs.com")).toEqual({
    ...{ by: "directmail", url: "https://dm.aliyuncs.com", key: { id: "LTAI1", secret: "s+e/c=" } },
  });
  expect(parseMailUrl("resend+http://key@127.0.0.1:8025")).toMatchObject({ url: "http://127.0.0.1:8025/" });
});

test.each([
  ["smtp://a:b@", "smtpForm"],
  ["hook+https://mail.example.com/send", "mailForm"],
  ["hook+https://short@mail.example.com/", "hookSecret"],
  [`hook+http://${secret}@mail.example.com/`, "mailPlain"],
  ["resend://api.resend.com", "mailForm"],
  ["directmail://LTAI1@dm.aliyuncs.com", "mailForm"],
  ["resend://%zz@api.resend.com", "smtpPercent"],
  ["smtp://me@example.com@smtp.office365.com?oauth=microsoft&tenant=t&client_id=i", "oauthMissing"],
  ["smtp://me@example.com@smtp.office365.com?oauth=yahoo", "oauthProvider"],
  ["smtp://me@example.com:pass@smtp.gmail.com?oauth=google", "oauthMissing"],
  [
    "smtp://me@x.com:pass@smtp.gmail.com?oauth=google&client_id=i&client_secret=s&refresh_token=r",
    "smtpMailbox",
  ],
  ["smtp://me@x.com@smtp.gmail.com?oauth=google-service&key_file=/nowhere.json", "fileUnreadable"],
  [
    "smtp://me@x.com@smtp.gmail.com?oauth=google&client_id=i&client_secret=s&refresh_token=r&token_url=http://x.com/",
    "oauthTokenUrl",
  ],
] as const)("%s is refused, without its secret", (url, code) => {
  const [words = ""] = settingProblems[code].en.split("{");
  expect(() => parseMailUrl(url)).toThrow(words);
});
