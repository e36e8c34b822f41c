import { withoutDeceptive } from "../kernel/visible-text.ts";
import type { Claims, Verdict } from "./hook-events.ts";

/** What a hook answered, trusted in nothing. Each throws a HookFailure where it is not what was asked for. */
export class HookFailure extends Error {
  override readonly name = "HookFailure";
}

const longestSentence = 200;
const mostClaims = 20;
const longestClaims = 2048;

/** Attack: a name of ours, which would make the token another's (guard: hook-answers.test.ts). Ours have no namespace. */
const namespaced = /^[a-z][a-z0-9+.-]{0,30}:[\w.:/-]{1,100}$/i;

/** `{"allow": true}`, or `{"allow": false, "message": "…"}` with one text or one a language. */
export function readVerdict(answer: unknown): Verdict {
  const { allow, message } = objectOf(answer);
  if (allow === true) return { allow };
  if (allow !== false) throw new HookFailure('the answer has no "allow" of true or false');
  const { zh, en } = typeof message === "string" ? { zh: message, en: message } : objectOf(message);
  return { allow, message: { zh: sentenceOf(zh), en: sentenceOf(en) } };
}

/** On one line, without what could rearrange a page. */
function sentenceOf(text: unknown): string {
  if (typeof text !== "string") throw new HookFailure("a refusal has no message");
  const clean = withoutDeceptive(text.replace(/\s+/g, " ")).trim();
  if (clean === "") throw new HookFailure("a refusal has no message");
  return [...clean].slice(0, longestSentence).join("");
}

/** `{"shop:roles": ["vip"]}`. */
export function readClaims(answer: unknown): Claims {
  const claims = objectOf(answer);
  const names = Object.keys(claims);
  const wrong = names.find((name) => !namespaced.test(name));
  if (wrong !== undefined)
    throw new HookFailure(`the claim ${JSON.stringify(wrong.slice(0, 60))} has no namespace`);
  if (names.length > mostClaims) throw new HookFailure(`more than ${mostClaims} claims`);
  let text: string | undefined;
  try {
    text = JSON.stringify(claims);
  } catch (error) {
    throw new HookFailure("the claims are no JSON", { cause: error });
  }
  if (Buffer.byteLength(text) > longestClaims)
    throw new HookFailure(`claims of more than ${longestClaims} bytes`);
  // What JSON makes of them: no getter and no toJSON of a program answers differently later.
  return JSON.parse(text) as Claims;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject) throw new HookFailure("the answer is no JSON object");
  return value as Readonly<Record<string, unknown>>;
}
