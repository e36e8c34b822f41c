import { describe, expect, it } from "vitest";
import { providerList } from "../src/identities/providers/providers.ts";
import {
  type Import,
  imports,
  importsOf,
  isComment,
  isTest,
  type Source,
  sources,
} from "./support/sources.ts";

/** A provider is one folder: the list is all that looks into it, and nothing else names it. */
describe("providers", () => {
  const home = "server/src/identities/providers/";
  const folder = /^server\/src\/identities\/providers\/([^/]+)\/[^/]+$/;
  const names = providerList.flatMap(({ name, aliases }) => [name, ...aliases]);
  /** The name alone, as a part of a path, or before `_` as in a variable's name. In a word like qq.com it is none. */
  const spoken = new RegExp(`(?<![\\w.@-])(?:${names.join("|")})(?:_[A-Z_]+)?(?![\\w.-])`, "i");
  const literals = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|^\s*[a-z]+(?=:)/g;

  /** Who may name a provider, and why. */
  const mayName: readonly (readonly [RegExp, string])[] = [
    [/^server\/src\/identities\/providers\/providers\.ts$/, "the list"],
    [/^server\/src\/django\//, "maps what other systems' databases call them"],
    [/^server\/src\/cli\/manage\/django-commands\.ts$/, "its help lists what that map takes"],
    [/^server\/src\/engines\/mail\//, "mail hosts of the same companies"],
    [/^server\/src\/cli\/doctor\/mail-checks\.ts$/, "mail hosts of the same companies"],
    [/^scripts\/seed(-binding)?\.ts$/, "binds somebody to one, for a developer to see"],
  ];

  const naming = ({ file, lines }: Source): string[] => {
    const own = folder.exec(file)?.[1];
    if (isTest(file) || own !== undefined || mayName.some(([known]) => known.test(file))) return [];
    return lines.flatMap((line, index) => {
      if (isComment(line) || /^\s*(import|export) .* from /.test(line)) return [];
      const found = line.replace(/\s\/\/ .*$/, "").match(literals) ?? [];
      return found.some((literal) => spoken.test(literal)) ? [`${file}:${index + 1} ${line.trim()}`] : [];
    });
  };

  /** The list imports each definition, and a folder itself; nothing else looks into one. */
  const lookingIn = ({ from, to }: Import) => {
    const [, of] = folder.exec(to) ?? [];
    if (of === undefined || isTest(from) || from.startsWith(`${home}${of}/`)) return false;
    return !(from === `${home}providers.ts` && to === `${home}${of}/provider.ts`);
  };
  const judged = sources.filter(({ file }) =>
    /^(server\/src|server\/migrations|web\/src|client\/src|sandbox|scripts)\//.test(file),
  );

  it("are named by the list alone", () => {
    expect(names.length).toBeGreaterThan(5);
    expect(judged.length).toBeGreaterThan(300);
    expect(judged.flatMap(naming)).toEqual([]);
  });

  it("have folders that nothing but the list looks into", () => {
    expect(imports.filter(lookingIn).map(({ from, line, to }) => `${from}:${line} imports ${to}`)).toEqual(
      [],
    );
  });

  it("sees who names one, and who looks into a folder", () => {
    const planted = {
      file: "web/src/sign-in/planted.ts",
      lines: [
        'if (provider === "qq") cancelled = true;',
        "const page = `/oauth/callback/weibo?code=1`;",
        "  github: { letter: 1 },",
        'const setting = "WECHAT_CLIENT_ID";',
        "const known = ['sina'];",
        '// as "qq" does',
        'const host = "smtp.qq.com";',
        'const other = "x-qq-y";',
        'import { createQq } from "../../../server/src/identities/providers/qq/qq.ts";',
        'const { imitation } = await import("../../../server/src/identities/providers/oidc/sandbox.ts");',
        'import type { Provider } from "../../../server/src/identities/providers/provider.ts";',
      ],
    };
    expect(naming(planted).map((found) => Number(/:(\d+) /.exec(found)![1]))).toEqual([1, 2, 3, 4, 5, 10]);
    expect(
      importsOf(planted)
        .filter(lookingIn)
        .map(({ line }) => line),
    ).toEqual([9, 10]);
    const unlisted = {
      ...planted,
      file: `${home}providers.ts`,
      lines: ['import { createQq } from "./qq/qq.ts";'],
    };
    expect(importsOf(unlisted).filter(lookingIn)).toHaveLength(1);
  });
});
