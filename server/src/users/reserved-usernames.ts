import { nameKey } from "../lib/name-key.ts";

/**
 * Names under which somebody could speak for the site (attack: "客服" asks a customer for their code; guard:
 * usernames.test.ts). Refused to people who choose one; whoever has one from before, or from an operator, keeps it.
 */

/** Also with `.`, `-` and `_` between, with accents, and with digits for letters: `adm1n`. */
const words =
  "admin administrator moderator superuser sysadmin webmaster hostmaster postmaster abuse security support helpdesk " +
  "customerservice official system root meiduo";

/** Anywhere in a name: `美多官方小王` speaks for the site as much as `官方`. */
const parts = ["客服", "客戶服務", "客户服务", "官方", "管理员", "管理員", "系统通知", "系統通知", "版主"];

export interface ReservedUsernames {
  has(username: string): boolean;
}

/** `more`: what the site adds by RESERVED_USERNAMES, as whole names. */
export function createReservedUsernames(more: readonly string[]): ReservedUsernames {
  const whole = new Set([...words.split(" "), ...more].map(outline));
  return {
    has: (username) => whole.has(outline(username)) || parts.some((part) => username.includes(part)),
  };
}

const alike: Readonly<Record<string, string>> = { "0": "o", "1": "l", i: "l", "3": "e", "4": "a", "5": "s" };

/** What is left of a name at a glance. */
function outline(name: string): string {
  const bare = nameKey(name)
    .normalize("NFD")
    .replace(/[\p{M}.+_-]/gu, "");
  return bare.replace(/[01i345]/g, (letter) => alike[letter]!);
}
