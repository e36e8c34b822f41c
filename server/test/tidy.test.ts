import { describe, expect, it } from "vitest";
import {
  type Import,
  imports,
  importsOf,
  isComment,
  isTest,
  type Source,
  sources,
} from "./support/sources.ts";

/**
 * The house rules as a test: who may import whom, what may not be written, how long a file may be. Each
 * failure names file, line, rule and reason. See ARCHITECTURE.md.
 */
const product = sources.filter(({ file }) => file.startsWith("server/src/") && !isTest(file));

/** Every folder of server/src from the highest to the lowest; one imports only lower ones, types included. */
const floors = [
  ...["cli", "cli/run", "cli/manage", "cli/doctor", "cli/command", "cli/terminal", "app", "config"],
  ...["django", "django/export", "django/import", "django/sources", "admin"],
  ...["sign-in", "identities/bindings", "identities/flow", "identities/providers"],
  ...["sessions", "accounts", "codes", "devices", "passwords", "permissions", "audit"],
  ...["site", "http", "observability", "installation"],
  ...["engines", "engines/mail", "engines/jobs", "engines/kv", "engines/database"],
  ...["process", "kernel/settings", "kernel/schema", "kernel", "errors"],
];

/** The domains: what knows of accounts. */
const domains = floors.slice(floors.indexOf("django"), floors.indexOf("site"));
const folderOf = (file: string) => /^server\/src\/([^/]+)\//.exec(file)?.[1] ?? null;
const floorOf = (file: string): string | null => {
  const folder = /^server\/src\/(.+)\/[^/]+$/.exec(file)?.[1];
  if (folder === undefined) return null;
  return (
    floors
      .filter((f) => folder === f || folder.startsWith(`${f}/`))
      .toSorted((a, b) => b.length - a.length)[0] ?? null
  );
};

const where = ({ from, line, to }: Import) => `${from}:${line} imports ${to}`;

describe("imports", () => {
  const inProduct = imports.filter(({ from }) => from.startsWith("server/src/") && !isTest(from));

  it("finds the imports it judges", () => {
    expect(inProduct.length).toBeGreaterThan(150);
    expect(inProduct.filter(({ dynamic }) => dynamic).length).toBeGreaterThan(20);
  });

  it("sees every way to import", () => {
    const lines = [
      'import { a } from "../other/other.ts";',
      "import {",
      "  b,",
      '} from "./b.ts";',
      'import type { C } from "./c.ts";',
      'import "node:fs";',
      'const { d } = await import("../third/third.ts");',
      "const later = () => import(",
      '  "./e.ts"',
      ").then(({ e }) => e);",
      'type F = typeof import("./f.ts");',
      '// import("./comment.ts")',
      ' * as import("./documentation.ts") does',
      'const g = 1; // or import("./remark.ts")',
      "await import(new URL(name, folder).href);",
      "await import(folder + name);",
      'api.import("./method.ts"); reimport("./other.ts");',
    ];
    const found = importsOf({ file: "server/src/room/a.ts", lines });
    expect(found.map(({ line, to, typeOnly, dynamic }) => [line, to, typeOnly, dynamic])).toEqual([
      [1, "server/src/other/other.ts", false, false],
      [2, "server/src/room/b.ts", false, false],
      [5, "server/src/room/c.ts", true, false],
      [6, "node:fs", false, false],
      [7, "server/src/third/third.ts", false, true],
      [8, "server/src/room/e.ts", false, true],
      [11, "server/src/room/f.ts", true, true],
      [15, "", false, true],
      [16, "", false, true],
    ]);
  });

  it("every migration says which program may go on beside it", () => {
    // Additive: 1. Otherwise the number of the first migration whose program knows how (engines/database/schema-level.ts).
    const silent = sources.filter(
      ({ file, lines }) =>
        /^server\/migrations\/\d{4}-/.test(file) &&
        !lines.some((line) => /^export const oldestProgram = \d+;$/.test(line)),
    );
    expect(silent.map(({ file }) => file)).toEqual([]);
  });

  it("names what it imports: a computed import could be of anything", () => {
    // Migrations are found in their folder.
    const wrong = inProduct.filter(
      ({ from, to }) => to === "" && from !== "server/src/engines/database/migrate.ts",
    );
    expect(wrong.map(where)).toEqual([]);
  });

  it("nothing imports app.ts or main.ts but main, its commands and tests", () => {
    const allowed = /^server\/src\/(main|start|[a-z-]+-command)\.ts$/;
    expect(
      inProduct
        .filter(({ from, to }) => /^server\/src\/(app|main)\.ts$/.test(to) && !allowed.test(from))
        .map(where),
    ).toEqual([]);
  });

  it("every folder is ranked", () => {
    const unranked = product.filter(({ file }) => file.split("/").length > 3 && floorOf(file) === null);
    expect(unranked.map(({ file }) => file)).toEqual([]);
  });

  it("imports run down only, type imports too", () => {
    const wrong = inProduct.filter(({ from, to }) => {
      const [a, b] = [floorOf(from), floorOf(to)];
      if (a === null || b === null || floors.indexOf(a) <= floors.indexOf(b)) return false;
      return true;
    });
    expect(wrong.map(where)).toEqual([]);
  });

  it("nobody but the composition and the commands reads config/", () => {
    // Each room gets its own settings as values.
    const readers = ["app", "cli", "config", null];
    const wrong = inProduct.filter(
      ({ from, to }) => folderOf(to) === "config" && !readers.includes(folderOf(from)),
    );
    expect(wrong.map(where)).toEqual([]);
  });

  it("a domain uses another's services, never its store", () => {
    const wrong = inProduct.filter(({ from, to, typeOnly }) => {
      const [a, b] = [folderOf(from), folderOf(to)];
      if (a === null || a === b || a === "app" || typeOnly || !/-store\.ts$/.test(to)) return false;
      return domains.some((domain) => domain.split("/")[0] === b);
    });
    expect(wrong.map(where)).toEqual([]);
  });

  it("only http/ and routes use the web framework", () => {
    const wrong = inProduct.filter(
      ({ from, to, typeOnly }) =>
        /^(fastify|@fastify\/)/.test(to) &&
        !typeOnly &&
        !["http", "site"].includes(folderOf(from) ?? "") &&
        !/-routes\.ts$/.test(from),
    );
    expect(wrong.map(where)).toEqual([]);
  });

  /** The names that people log in by have their rules in the field objects of accounts/, which alone read the texts' own. */
  const hasRuleOfItsOwn = ({ file, lines }: Source) =>
    !/^server\/src\/(accounts|kernel)\//.test(file) &&
    /\b(checkEmail|normalizeEmail|emailMaxLength|checkMobile|mobileLength|looksLikeMobile)\b/.test(
      lines.filter((line) => !isComment(line)).join("\n"),
    );

  it("nobody but accounts/ has a rule for user names, addresses and numbers", () => {
    expect(product.filter(hasRuleOfItsOwn).map(({ file }) => file)).toEqual([]);
  });

  it("sees one who has", () => {
    const lines = ['import { checkEmail } from "../kernel/email-address.ts";'];
    expect(hasRuleOfItsOwn({ file: "server/src/sign-in/log-in.ts", lines })).toBe(true);
    expect(hasRuleOfItsOwn({ file: "server/src/accounts/email.ts", lines })).toBe(false);
  });

  const code = ({ lines }: Source) => lines.filter((line) => !isComment(line)).join("\n");
  const writes =
    /\b(insertInto|updateTable|deleteFrom|replaceInto|mergeInto)\(\s*["'](users|login_names)["']|\b(insert\s+into|update|delete\s+from)\s+(users|login_names)\b/;

  /** The import writes accounts in bulk, by names of tables that it holds in a list (import-django.ts). */
  const writesAccounts = (one: Source) =>
    !one.file.startsWith("server/src/accounts/") && writes.test(code(one));

  it("only accounts/ writes users and login_names", () => {
    expect(product.filter(writesAccounts).map(({ file }) => file)).toEqual([]);
    expect(product.filter((one) => writes.test(code(one))).length).toBeGreaterThan(2);
  });

  it("sees another who writes them", () => {
    const written = [
      'db.kysely.updateTable("users").set({ is_staff: 1 })',
      'db.kysely.insertInto(\n  "login_names")',
      'db.kysely.deleteFrom("users")',
      "sql`update users set is_staff = 1`",
      "sql`delete from login_names`",
    ];
    for (const line of written) {
      expect(writesAccounts({ file: "server/src/admin/user-admin.ts", lines: line.split("\n") })).toBe(true);
    }
    const reads = ['db.kysely.selectFrom("users")', 'updateTable("user_groups")', '// updateTable("users")'];
    expect(writesAccounts({ file: "server/src/admin/user-admin.ts", lines: reads })).toBe(false);
  });

  /** An account begins with a version in the store and in the bulk import; only change.ts gives it another. */
  const raises = (one: Source) => {
    const begins =
      /^server\/src\/(accounts\/(change|credentials-version|record)|django\/sources\/django-rows)\.ts$/;
    const isChange = one.file === "server/src/accounts/change.ts";
    const updates = /\bupdateTable\(\s*["']users["']|\bupdate\s+users\b/.test(code(one));
    return (
      (!isChange && updates) ||
      (!begins.test(one.file) && /\b(newCredentialsVersion|randomShift)\b/.test(code(one)))
    );
  };

  it("only accounts/change.ts changes accounts and ends their tokens", () => {
    expect(product.filter(raises).map(({ file }) => file)).toEqual([]);
  });

  it("sees another that does", () => {
    const lines = ['db.kysely.updateTable("users").set({ credentials_version: 7 })'];
    expect(raises({ file: "server/src/accounts/account.ts", lines })).toBe(true);
    const made = ["const version = newCredentialsVersion();"];
    expect(raises({ file: "server/src/sessions/tokens.ts", lines: made })).toBe(true);
    expect(raises({ file: "server/src/accounts/change.ts", lines: [...lines, ...made] })).toBe(false);
  });

  /** What stands beside the product and is not in a package of it: the tools, the tests, the imitations. */
  const leavesTheProduct = (one: Import) => {
    // Development loads it while it runs; production never does (start-production.test.ts).
    const isSandboxLoadedLate =
      one.to.startsWith("sandbox/") && one.from === "server/src/cli/run/start.ts" && one.dynamic;
    return /^(scripts|sandbox|bench|e2e|server\/test)\//.test(one.to) && !isSandboxLoadedLate;
  };

  it("the product needs nothing of the tools, the tests and the sandbox", () => {
    expect(inProduct.filter(leavesTheProduct).map(where)).toEqual([]);
  });

  it("sees a product that does", () => {
    const planted = {
      file: "server/src/cli/run/start.ts",
      lines: [
        'import { buildSite } from "../../../../scripts/build-site.ts";',
        'const { main } = await import("../../../../scripts/test.ts");',
        'import { createSandbox } from "../../../../sandbox/sandbox.ts";',
        'import type { Clock } from "../../../test/support/fake-clock.ts";',
        'const { createSandbox } = await import("../../../../sandbox/sandbox.ts");',
        'import { siteDir } from "../../site/build-site.ts";',
      ],
    };
    expect(
      importsOf(planted)
        .filter(leavesTheProduct)
        .map(({ line }) => line)
        .sort(),
    ).toEqual([1, 2, 3, 4]);
  });

  it("a provider's imitation is loaded through its definition alone, by who runs the sandbox", () => {
    const imitations = inProduct.filter(({ to }) => /\/providers\/[^/]+\/sandbox\.ts$/.test(to));
    expect(imitations.length).toBeGreaterThan(4);
    const early = imitations.filter(
      ({ from, to, dynamic }) => !dynamic || from !== to.replace(/sandbox\.ts$/, "provider.ts"),
    );
    expect(early.map(where)).toEqual([]);
  });

  it("has no cycles of values", () => {
    const graph = new Map<string, string[]>();
    for (const { from, to, typeOnly } of inProduct) {
      if (!typeOnly && to.startsWith("server/")) graph.set(from, [...(graph.get(from) ?? []), to]);
    }
    const state = new Map<string, "open" | "done">();
    const cycles: string[] = [];
    const visit = (file: string, path: string[]) => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") {
        cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
        return;
      }
      state.set(file, "open");
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, "done");
    };
    for (const file of graph.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });
});

describe("sessions", () => {
  /** Whoever names the function that signs a token, however it came by it. */
  const issuers = (files: readonly Source[]) =>
    files
      .filter(({ file }) => !/^server\/src\/(sessions\/tokens|sign-in\/complete)\.ts$/.test(file))
      .flatMap(({ file, lines }) =>
        lines.flatMap((line, index) =>
          /\bissueAccessToken\b/.test(line) && !isComment(line)
            ? [`${file}:${index + 1} ${line.trim()}`]
            : [],
        ),
      );

  it("only the door opens one: hand what was proved to `complete` (sign-in/complete.ts)", () => {
    expect(issuers(product)).toEqual([]);
  });

  it("sees a second door", () => {
    const of = (file: string, ...lines: string[]) => ({ file: `server/src/${file}`, lines });
    const planted = [
      of("sign-in/oauth-routes.ts", "// The door, not", "const token = await tokens.issueAccessToken(user);"),
      of("app/app.ts", "userRoutes(api, { issue: tokens.issueAccessToken });"),
      of("admin/user-admin.ts", "const { issueAccessToken } = tokens;", "// issueAccessToken is the door's"),
      of("sign-in/complete.ts", "const token = await tokens.issueAccessToken(account);"),
    ];
    expect(issuers(planted).map((hit) => hit.split(" ")[0])).toEqual([
      "server/src/sign-in/oauth-routes.ts:2",
      "server/src/app/app.ts:1",
      "server/src/admin/user-admin.ts:1",
    ]);
    // The rule is about this name: renamed, it would look for nothing.
    const door = product.find(({ file }) => file === "server/src/sign-in/complete.ts");
    expect(door?.lines.join("\n")).toContain("tokens.issueAccessToken(");
  });
});

describe("names and lengths", () => {
  it("no file is called by what it is not about", () => {
    const bad = /(^|\/)(types|utils?|helpers?|index|constants|common|misc)\.ts$/;
    expect(sources.map(({ file }) => file).filter((file) => bad.test(file))).toEqual([]);
  });

  it("no file is longer than 500 lines", () => {
    const long = sources
      .filter(({ lines }) => lines.length > 500)
      .map(({ file, lines }) => `${file}: ${lines.length}`);
    expect(long).toEqual([]);
  });

  it("the median file of the server is at most 120 lines", () => {
    const lengths = product.map(({ lines }) => lines.length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120);
  });
});

describe("banned text", () => {
  interface Ban {
    readonly pattern: RegExp;
    readonly instead: string;
    readonly within: (file: string) => boolean;
  }
  const inServer = (file: string) => file.startsWith("server/src/") && !isTest(file);
  const self = "server/test/tidy.test.ts";
  const bans: readonly Ban[] = [
    {
      pattern: /\bDate\.now\(/,
      instead: "a Clock",
      within: (f) => inServer(f) && f !== "server/src/kernel/clock.ts",
    },
    {
      pattern: /\bprocess\.env\b/,
      instead: "config/",
      // Where a process begins.
      within: (f) => inServer(f) && !/^server\/src\/(main|site\/build-site-main)\.ts$/.test(f),
    },
    { pattern: /\bconsole\./, instead: "the log", within: (f) => inServer(f) || f.startsWith("sandbox/") },
    { pattern: /\bMath\.random\(/, instead: "kernel/ids.ts", within: (f) => inServer(f) },
    { pattern: /^\s*export \* /, instead: "named exports", within: () => true },
    {
      pattern: /\bas any\b|: any(?=\s*[;,)=\]|[{])|<any>/,
      instead: "a type",
      within: (f) => inServer(f) && !f.includes("migrat"),
    },
    { pattern: /@ts-(ignore|nocheck|expect-error)/, instead: "a type that fits", within: () => true },
    {
      pattern: /\.(skip|only|todo)\(/,
      instead: "a test that runs",
      within: (f) => isTest(f) || f.endsWith(".test.ts"),
    },
    { pattern: /\b(TODO|FIXME|XXX)\b/, instead: "doing it", within: () => true },
  ];
  for (const { pattern, instead, within } of bans) {
    it(`${pattern.source} — use ${instead}`, () => {
      const hits = sources
        .filter(({ file }) => file !== self && within(file))
        .flatMap(({ file, lines }) =>
          lines.flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
        );
      expect(hits).toEqual([]);
    });
  }
});
