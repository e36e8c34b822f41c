import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { ConfigError } from "../../src/errors/config-problem.ts";
import { runCommand } from "../support/run-command.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** An operator's own texts, from the file to the answer. */
let folder: string;
const write = (file: string, texts: object) => writeFileSync(join(folder, file), JSON.stringify(texts));

describe("an operator's own texts", () => {
  let test: TestApp;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "meiduo-words-"));
    write("zh-Hans.json", { "errors.not_found": "<b>此处</b>空空如也。" });
    write("fr.json", {
      "errors.not_found": "Introuvable.",
      "errors.fields.required": "Ce champ est obligatoire.",
    });
    write("zh-Hant.json", { "mail.register.subject": "【<{brand}>】註冊" });
    mkdirSync(join(folder, "mails"));
    writeFileSync(join(folder, "mails", "register.fr.txt"), "Code : {code}\n");
    writeFileSync(join(folder, "mails", "register.fr.html"), '<p lang="fr"><b>{code}</b></p>\n');
    test = await startTestApp({ env: { TEXTS_DIR: folder } });
  });
  afterAll(async () => {
    await test.close();
    rmSync(folder, { recursive: true });
  });

  const read = async (url: string, language: string) => {
    const answer = await test.anonymous({ url, headers: { "accept-language": language } });
    return [answer.headers["content-language"], answer.json().message];
  };

  it("are what is answered, as text, in the language of the request", async () => {
    expect(await read("/nope/", "zh-CN")).toEqual(["zh-Hans", "<b>此处</b>空空如也。"]);
    expect(await read("/nope/", "en")).toEqual(["en", "Not found."]);
    expect(await read("/nope/", "fr-CA,en;q=0.5")).toEqual(["fr", "Introuvable."]);
    // Not translated: English is closer to it than Chinese.
    expect(await read("/user/", "fr")).toEqual(["fr", "Authentication credentials were not provided."]);
    const { headers, body } = await test.anonymous({ url: "/nope/" });
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(body).toContain("<b>此处</b>");
  });

  it("are in mails, one's own ones whole, in the language of the request", async () => {
    const ask = async (email: string, language: string) => {
      const headers = { "accept-language": language };
      await test.anonymous({ url: `/verifications/email_codes/${email}/`, headers });
      await test.runJobs();
      return test.mailbox.at(-1)!;
    };
    const ja = await ask("ja@example.com", "ja");
    expect(ja.subject).toBe("【Meiduo】新規登録の確認コード");
    expect(ja.text).toContain("3 分間有効");
    const hant = await ask("hant@example.com", "zh-TW");
    expect(hant.subject).toBe("【<美多商城>】註冊");
    expect(hant.html).toContain("<title>【&lt;美多商城&gt;】註冊</title>");
    const own = await ask("fr@example.com", "fr");
    expect(own.text).toMatch(/^Code : [A-Z0-9]{6}\n$/);
    expect(own.html).toMatch(/^<p lang="fr"><b>[A-Z0-9]{6}<\/b><\/p>\n$/);
  });

  it("speak of fields, too", async () => {
    const headers = { "accept-language": "fr" };
    const answer = await test.anonymous({
      method: "POST",
      url: "/users/authorizations/",
      payload: {},
      headers,
    });
    expect(answer.json()).toMatchObject({ username: ["Ce champ est obligatoire."] });
  });
});

describe("what is wrong with the settings of language", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "meiduo-words-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const problemsOf = (env: Record<string, string>) => {
    try {
      readConfig({ DATA_DIR: folder, ...env });
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.problems.map(({ variable, message }) => `${variable} ${message}`);
    }
  };

  it.each([
    [{ DEFAULT_LANGUAGE: "ja" }, []],
    [{ DEFAULT_LANGUAGE: "zh-Hans", LANGUAGES: "en, zh-CN" }, []],
    [{ DEFAULT_LANGUAGE: "klingon" }, [/^DEFAULT_LANGUAGE knows no language "klingon"/]],
    [{ DEFAULT_LANGUAGE: "fr" }, [/^DEFAULT_LANGUAGE names "fr", which is not offered: use zh-Hans, en,/]],
    [{ DEFAULT_LANGUAGE: "ja", LANGUAGES: "zh,en" }, [/^DEFAULT_LANGUAGE .*use zh-Hans, en$/]],
    [{ LANGUAGES: "en,fr" }, [/^LANGUAGES names "fr", which there are no texts in/]],
    [{ LANGUAGES: "english" }, [/^LANGUAGES knows no language "english"/]],
    [{ TEXTS_DIR: "no/such/folder" }, [/^TEXTS_DIR names a folder that can't be read: ENOENT/]],
  ])("%j", (env, expected) => {
    expect(problemsOf(env as Record<string, string>)).toEqual(
      expected.map((words) => expect.stringMatching(words)),
    );
  });

  it("is named with file and key by check-config, all of it at once, and keeps the product from starting", async () => {
    write("en.json", { "errors.not_fond": "x", "errors.fields.too_long": "Too long." });
    write("ja.json", { "errors.busy": "a\nb" });
    const env = { TEXTS_DIR: folder, DATA_DIR: folder };
    const checked = await runCommand(["check-config"], env);
    expect(checked.code).toBe(1);
    for (const words of [
      /TEXTS_DIR has in en\.json the key "errors\.not_fond".*en\.json 中，没有“errors\.not_fond”这个键/,
      /en\.json a text that lacks \{max\}: mend "errors\.fields\.too_long".*缺少 \{max\}/,
      /ja\.json a line break.*"errors\.busy".*换行/,
    ]) {
      expect(checked.stderr).toMatch(words);
    }
    for (const command of ["doctor", "serve"]) {
      const refused = await runCommand([command], env);
      expect([command, refused.code]).toEqual([command, 1]);
      expect(refused.stderr).toContain("errors.not_fond");
    }
  });

  it("sends a mail to look at, in any kind and language that there is", async () => {
    const mails = join(folder, "texts", "mails");
    mkdirSync(mails, { recursive: true });
    writeFileSync(join(mails, "binding_added.ja.txt"), "{nickname} {provider}");
    writeFileSync(join(mails, "binding_added.ja.html"), "<i>{nickname}</i>");
    const env = { DATA_DIR: folder, TEXTS_DIR: join(folder, "texts") };
    expect((await runCommand(["migrate"], env)).code).toBe(0);
    const to = ["mail", "test", "you@example.com"];
    const sent = await runCommand([...to, "--template", "binding_added", "--language", "ja", "--json"], env);
    expect(JSON.parse(sent.stdout)).toEqual({
      template: "binding_added",
      language: "ja",
      subject: "【Meiduo】Example アカウントを連携しました",
    });
    const db = openSqlite(join(folder, "meiduo.sqlite3"));
    const rows = await db.kysely
      .selectFrom("mailbox_messages")
      .select(["to_address", "text", "html"])
      .execute();
    await db.close();
    expect(rows).toEqual([{ to_address: "you@example.com", text: "三哥 Example", html: "<i>三哥</i>" }]);
    const foreign = await runCommand([...to, "--language", "fr"], env);
    expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining("zh-Hans, en, zh-Hant, ja")]);
    expect((await runCommand(["mail", "test", "nobody"], env)).code).toBe(1);
    const away = await runCommand(to, { ...env, SMTP_URL: "smtp://127.0.0.1:1?tls=never" });
    expect([away.code, away.stderr]).toEqual([1, expect.stringMatching(/could not be sent|未能发出/)]);
  });

  it("lists every text for a translator, in a form that is read back", async () => {
    const listed = await runCommand(["texts", "list", "errors.fields.too", "--language", "en"], {
      DATA_DIR: folder,
    });
    expect(listed.stdout).toContain("errors.fields.too_long\n  {max}");
    const file = await runCommand(["texts", "file", "errors", "--language", "fr", "--missing"], {
      DATA_DIR: folder,
    });
    expect(file.code).toBe(0);
    writeFileSync(join(folder, "fr.json"), file.stdout);
    rmSync(join(folder, "meiduo.sqlite3"), { force: true });
    expect(problemsOf({ TEXTS_DIR: folder, LANGUAGES: "fr", DEFAULT_LANGUAGE: "fr" })).toEqual([]);
    const json = await runCommand(["texts", "list", "errors.busy", "--language", "ja", "--json"], {
      DATA_DIR: folder,
    });
    expect(JSON.parse(json.stdout)).toEqual({
      language: "ja",
      name: "日本語",
      texts: [
        {
          key: "errors.busy",
          text: "サーバーが混み合っています。しばらくしてからもう一度お試しください。",
          known: ["brand", "brandShort"],
          required: [],
          isMissing: false,
        },
      ],
    });
    const unknown = await runCommand(["texts", "--language", "klingon"], { DATA_DIR: folder });
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("klingon")]);
  });
});
