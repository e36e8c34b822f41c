import { isAscii } from "../kernel/ascii.ts";
import { nameKey } from "../kernel/name-key.ts";

/**
 * Names under which somebody could speak for the site (attack: "客服" asks a customer for their code; guard:
 * usernames.test.ts). Refused to people who choose one; whoever has one from before, or from an operator, keeps it.
 *
 * The rule, whatever the case, the width and the accents, and whether a digit stands for a letter (`adm1n`) or for itself:
 * - a name of nothing but reserved words, the brand's names, digits and separators: `admin1`, `acme.official`, `root-admin`;
 * - a name with a role as one of its parts, which separators, digits, capitals and another writing divide: `kefu_wang`,
 *   `AdminZhang`, `Admin张三`;
 * - a Chinese word anywhere, whatever stands between its characters: `云起官方小王`, `客-服`.
 * A word inside a longer one is free: `administrate99`, `supporter`, `badminton`; so is a brand with something else.
 */

const roles =
  "admin administrator moderator superuser sysadmin webmaster hostmaster postmaster support helpdesk " +
  "customerservice official kefu guanfang guanliyuan";
/** Words of everyday speech: as a whole name only, as the brand's names are. */
const others = "abuse security system root noreply 系统 系統 站长 站長";

const parts = ["客服", "客戶服務", "客户服务", "官方", "管理员", "管理員", "系统通知", "系統通知", "版主"];

export interface ReservedUsernames {
  /** The work grows with the cube of the length: ask it only of names that a person may choose. */
  has(username: string): boolean;
}

/** `more`: what the site adds by RESERVED_USERNAMES, and `brandNames` under which it speaks, both as whole names. */
export function createReservedUsernames(
  more: readonly string[],
  brandNames: readonly string[] = [],
): ReservedUsernames {
  const isRole = wordsOnly(roles.split(" "), "");
  const words = [...roles.split(" "), ...others.split(" "), ...more, ...brandNames.map(asOneWord)];
  const isWhole = wordsOnly(words, "+");
  const mayHoldOne = asciiFilter(words);
  return {
    has(username) {
      // Most names hold no word at all: the rule itself took a third of a whole count (measured: 17 of 50 us).
      if (plain.test(username) && !mayHoldOne(username)) return false;
      const bare = username.normalize("NFKD").replace(/[\p{M}]/gu, "");
      const inChinese = bare.replace(/[\p{Lm}\p{N}.+_-]/gu, "");
      if (parts.some((part) => inChinese.includes(part))) return true;
      return [separators, separatorsAndDigits].some((by) => {
        const pieces = divide(bare, by);
        return isWhole(pieces.join("")) || neighbours(pieces).some(isRole);
      });
    },
  };
}

/** A brand's name may have what no user name has: spaces, &, ®. */
function asOneWord(name: string): string {
  return name.replace(/[^\p{L}\p{M}\p{N}]/gu, "");
}

const separators = /[.+_-]|(?<=\p{Ll})(?=\p{Lu})/u;
const separatorsAndDigits = /[.+_-]|\p{N}|(?<=\p{Ll})(?=\p{Lu})/u;
/** Letters that are none of ours: where they begin and end, a Latin word does. */
const otherWriting = /([[\p{L}]--\p{Script=Latin}]+)/v;

function divide(name: string, by: RegExp): string[] {
  const runs = isAscii(name) ? [name] : name.split(otherWriting);
  return runs.flatMap((run) => run.split(by).filter((piece) => piece !== ""));
}

/** Every run of pieces side by side, joined: `customer_service_wang` has a role in two of them. */
function neighbours(pieces: readonly string[]): string[] {
  return pieces.flatMap((_, from) =>
    pieces.slice(from).map((__, length) => pieces.slice(from, from + length + 1).join("")),
  );
}

/** Whether a text is one of the words (`+`: some of them, one after another), digits around it not counted. */
function wordsOnly(words: readonly string[], times: "" | "+"): (text: string) => boolean {
  const outlines = new Set(words.map(outline).filter((word) => word !== ""));
  const fits = (text: string) => (times === "" ? outlines.has(text) : isMadeOf(text, outlines));
  return (text) => {
    const later = text.replace(/^\p{N}+/u, "");
    const candidates = new Set([text, later, text.replace(/\p{N}+$/u, ""), later.replace(/\p{N}+$/u, "")]);
    return [...candidates].some((candidate) => fits(outline(candidate)));
  };
}

/** From end to end, each place once: a pattern that tried every way would take for ever where words make up each other. */
function isMadeOf(text: string, words: ReadonlySet<string>): boolean {
  const reached = new Set([0]);
  for (const from of reached) {
    for (const word of words) if (text.startsWith(word, from)) reached.add(from + word.length);
  }
  return text !== "" && reached.has(text.length);
}

/** Digits, small capitals and letters of phonetics, and what each is taken for. */
const signs = [..."01345iᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡɩ"];
const letters = [...("oleasl" + "abcdefghljklmnoprstuvwyzagl")];
const alike = new Map(signs.map((sign, place) => [sign, letters[place]!]));

const anySign = new RegExp(`[${signs.join("")}]`, "gu");

const plain = /^[a-z\d.+_-]+$/i;

/**
 * Whether a plain name has one of the words anywhere, with its digits or without them. Never false for a name that
 * the rule refuses: there every word is found in a part of one of these two texts (guard: usernames.test.ts).
 */
function asciiFilter(words: readonly string[]): (name: string) => boolean {
  const spellings = words.map(outline).filter((word) => plain.test(word));
  if (spellings.length === 0) return () => false;
  const anyWord = new RegExp(spellings.map(anyWriting).join("|"), "i");
  const mayBegin = beginnings(spellings);
  return (name) => {
    if (!mayBegin(name)) return false;
    const joined = name.replace(/[.+_-]/g, "");
    return anyWord.test(joined) || (/\d/.test(joined) && anyWord.test(joined.replace(/\d/g, "")));
  };
}

/** Characters of a word by which its beginning is known. */
const begun = 3;

/**
 * False only of a plain name in which no word begins, whether its digits are read or passed over: one look at each place,
 * because the patterns of thirty words took 1.7 us of each name and this takes 0.05. A character is known by its last five
 * bits, which a letter has in both cases; what looks alike by chance is left to the patterns.
 */
function beginnings(words: readonly string[]): (name: string) => boolean {
  const known = new Uint8Array(1 << (5 * begun));
  for (const word of words) {
    // Too short to be known by its beginning.
    if (word.length < begun) return () => true;
    for (const writing of everyWriting(word.slice(0, begun)))
      known[[...writing.slice(0, begun)].reduce(with5Bits, 0)] = 1;
  }
  const last = known.length - 1;
  return (name) => {
    let [read, length, letters, lettersRead] = [0, 0, 0, 0];
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i);
      if (code === 0x2b || code === 0x2d || code === 0x2e || code === 0x5f) continue;
      read = ((read << 5) | (code & 31)) & last;
      if (++length >= begun && known[read] === 1) return true;
      if (code <= 0x39) continue;
      letters = ((letters << 5) | (code & 31)) & last;
      if (++lettersRead >= begun && known[letters] === 1) return true;
    }
    return false;
  };
}

const with5Bits = (before: number, character: string) => (before << 5) | (character.charCodeAt(0) & 31);

/** Each plain text that `outline` makes the beginning of. */
function everyWriting(word: string): string[] {
  return [...word].reduce<string[]>(
    (texts, letter) => {
      const writings = [...writingsOf(letter)];
      return texts.flatMap((text) => writings.map((writing) => text + writing));
    },
    [""],
  );
}

function writingsOf(letter: string): readonly string[] {
  const pair = pairs[letter];
  const alone = signs.filter((sign) => alike.get(sign) === letter && plain.test(sign));
  return [letter, ...alone, ...(pair === undefined ? [] : [pair])];
}

/** Two letters that are read as one. */
const pairs: Readonly<Record<string, string>> = { m: "rn", w: "vv" };

/** A pattern of everything that `outline` makes the word of. */
function anyWriting(word: string): string {
  return [...word].map((letter) => `(?:${writingsOf(letter).join("|")})`).join("");
}

/** What is left of a name at a glance. */
function outline(name: string): string {
  const key = nameKey(name);
  const bare = (isAscii(key) ? key : key.normalize("NFD")).replace(/[\p{M}.+_-]/gu, "");
  return bare
    .replace(anySign, (sign) => alike.get(sign)!)
    .replaceAll("rn", "m")
    .replaceAll("vv", "w");
}
