import { nameKey } from "../kernel/name-key.ts";

/**
 * Names under which somebody could speak for the site (attack: "客服" asks a customer for their code; guard:
 * usernames.test.ts). Refused to people who choose one; whoever has one from before, or from an operator, keeps it.
 *
 * The rule, whatever the case, the width and the accents, and whether a digit stands for a letter (`adm1n`) or for itself:
 * - a name of nothing but reserved words, digits and separators: `admin1`, `meiduo.official`, `root-admin`;
 * - a name with a role as one of its parts, which separators, digits and capitals divide: `kefu_wang`, `AdminZhang`;
 * - a Chinese word anywhere, whatever stands between its characters: `美多官方小王`, `客-服`.
 * A word inside a longer one is free: `administrate99`, `supporter`, `badminton`; so is a brand with something else.
 */

const roles =
  "admin administrator moderator superuser sysadmin webmaster hostmaster postmaster support helpdesk " +
  "customerservice official kefu guanfang guanliyuan";
/** Words of everyday speech, and the brand: as a whole name only. */
const others = "abuse security system root meiduo";

const parts = ["客服", "客戶服務", "客户服务", "官方", "管理员", "管理員", "系统通知", "系統通知", "版主"];

export interface ReservedUsernames {
  has(username: string): boolean;
}

/** `more`: what the site adds by RESERVED_USERNAMES, as whole names. */
export function createReservedUsernames(more: readonly string[]): ReservedUsernames {
  const isRole = wordsOnly(roles.split(" "), "");
  const isWhole = wordsOnly([...roles.split(" "), ...others.split(" "), ...more], "+");
  return {
    has(username) {
      const bare = username.normalize("NFKD").replace(/[\p{M}]/gu, "");
      const inChinese = bare.replace(/[\p{Lm}\p{N}.+_-]/gu, "");
      if (parts.some((part) => inChinese.includes(part))) return true;
      return [bare.split(separators), bare.split(separatorsAndDigits)].some((pieces) => {
        const present = pieces.filter((piece) => piece !== "");
        return isWhole(present.join("")) || neighbours(present).some(isRole);
      });
    },
  };
}

const separators = /[.+_-]|(?<=\p{Ll})(?=\p{Lu})/u;
const separatorsAndDigits = /[.+_-]|\p{N}|(?<=\p{Ll})(?=\p{Lu})/u;

/** Every run of pieces side by side, joined: `customer_service_wang` has a role in two of them. */
function neighbours(pieces: readonly string[]): string[] {
  return pieces.flatMap((_, from) =>
    pieces.slice(from).map((__, length) => pieces.slice(from, from + length + 1).join("")),
  );
}

/** Whether a text is one of the words (`+`: some of them, one after another), digits around it not counted. */
function wordsOnly(words: readonly string[], times: "" | "+"): (text: string) => boolean {
  const outlines = words.map(outline).filter((word) => word !== "");
  const anyOf = outlines.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|");
  const form = new RegExp(`^(?:${anyOf})${times}$`, "u");
  return (text) =>
    [
      text,
      text.replace(/^\p{N}+/u, ""),
      text.replace(/\p{N}+$/u, ""),
      text.replace(/^\p{N}+|\p{N}+$/gu, ""),
    ].some((candidate) => form.test(outline(candidate)));
}

const alike: Readonly<Record<string, string>> = { "0": "o", "1": "l", i: "l", "3": "e", "4": "a", "5": "s" };

/** What is left of a name at a glance. */
function outline(name: string): string {
  const bare = nameKey(name)
    .normalize("NFD")
    .replace(/[\p{M}.+_-]/gu, "");
  return bare.replace(/[01i345]/g, (letter) => alike[letter]!);
}
