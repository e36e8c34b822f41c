import { createHmac } from "node:crypto";
import { createVerifier, TokenError } from "fast-jwt";
import type { SecretKeys } from "../../kernel/keys.ts";
import { endOf, signingTurn, stateOf, type Turn } from "./key-turns.ts";
import { openSigningKey, type PublicJwk, type SigningKey } from "./signing-key.ts";

/**
 * The keys of access tokens as they were read, ready for use. Promises: a token is verified by the one key that its whole
 * header names, by that key's algorithm (attacks: a public key used as an HMAC secret, `none`, `jku`, `x5u`, `jwk`, an
 * invented `kid`; guard: token-keys.test.ts); a key that is dropped or over verifies nothing; HS256 is under the raw
 * SECRET_KEY, which the mall's other services share.
 *
 * fast-jwt verifies: a token that it has not seen costs it 89 µs of CPU by ES256 where jose takes 120, and 37 by RS256 where
 * jose takes 121; one that it has seen costs a look-up (`node bench/token-verifiers.ts`, bench/README.md). Signing is the
 * one line of RFC 7515 section 5.1 that no library here writes with the header's order that drf-jwt's clients were
 * recorded with.
 */
interface Signer {
  /** The whole first part of its tokens. */
  readonly header: string;
  sign(text: string): string;
}

export type Verify = (token: string) => {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: unknown;
};

export interface KeyRing {
  readonly turns: readonly Turn[];
  /** Null where the key whose turn it is can't be had. */
  signer(now: number): Signer | null;
  /** What verifies a token with this first part; null for a key that is unknown or over. */
  verifier(header: string, now: number): Verify | null;
  /** Of what may be published, the one that signs first, the next one last. */
  jwks(now: number): readonly PublicJwk[];
  isUsable(turn: Turn): boolean;
}

/** Byte for byte as the original's. */
const hs256Header = base64url('{"typ":"JWT","alg":"HS256"}');

interface Member {
  readonly turn: Turn;
  readonly key: SigningKey;
  readonly header: string;
  readonly verify: Verify;
  /** Epoch milliseconds; null while nothing follows it. */
  readonly end: number | null;
}

interface RingParts {
  readonly secretKeys: SecretKeys;
  /** Until when HS256 is accepted after another took its place; null: for the longest life of a token. */
  readonly hs256Until: number | null;
}

/** Makes rings, one after the other: keys that stay are opened once, with what their verifiers remember. */
export function createKeyRings({ secretKeys, hs256Until }: RingParts): (turns: readonly Turn[]) => KeyRing {
  const hs256 = createHs256(secretKeys);
  const opened = new Map<string, Omit<Member, "turn" | "end"> | null>();

  function open({ kid, algorithm, sealed }: Turn): Omit<Member, "turn" | "end"> | null {
    if (algorithm === "HS256" || sealed === null) return null;
    const known = opened.get(sealed);
    if (known !== undefined) return known;
    const key = openSigningKey(secretKeys, { kid, algorithm, sealed });
    const made = key === null ? null : memberOf(key);
    opened.set(sealed, made);
    return made;
  }

  return (turns) => {
    const members = turns.flatMap((turn): Member[] => {
      const found = open(turn);
      return found === null ? [] : [{ ...found, turn, end: endOf(turns, turn) }];
    });
    for (const sealed of opened.keys()) {
      if (!turns.some((turn) => turn.sealed === sealed)) opened.delete(sealed);
    }
    const byHeader = new Map(members.map((member) => [member.header, member]));
    const isUsable = (turn: Turn) =>
      turn.dropped_at === null &&
      (turn.algorithm === "HS256" || members.some((member) => member.turn === turn));
    const takesHs256 = hs256Rule(turns, hs256Until);
    return {
      ...{ turns, isUsable },
      signer(now) {
        const turn = signingTurn(turns, now);
        if (turn === null ? turns.length === 0 : turn.algorithm === "HS256") return hs256;
        const member = members.find((one) => one.turn === turn);
        return member === undefined ? null : { header: member.header, sign: member.key.sign };
      },
      verifier(header, now) {
        const member = byHeader.get(header);
        if (member !== undefined) return isOver(member.end, now) ? null : member.verify;
        return isOurForm(header) || !takesHs256(now) ? null : hs256.verify;
      },
      jwks: (now) =>
        members
          .filter(({ end }) => !isOver(end, now))
          .toSorted((a, b) => placeOf(turns, a.turn, now) - placeOf(turns, b.turn, now))
          .map(({ key }) => key.jwk),
      isUsable,
    };
  };
}

/** Of a key that another process may have brought into use just now, as opposed to what is no token of ours. */
function isOurForm(header: string): boolean {
  if (header === hs256Header) return false;
  const text = Buffer.from(header, "base64url").toString();
  return /^\{"typ":"JWT","alg":"[ER]S256","kid":"[\w-]{43}"\}$/.test(text);
}

const isOver = (end: number | null, now: number) => end !== null && now >= end;

/** Verifiers that read the first keys alone must find the one that signs. */
function placeOf(turns: readonly Turn[], turn: Turn, now: number): number {
  return ["current", "previous", "next"].indexOf(stateOf(turns, turn, now));
}

/** Without a row nothing else ever signed. */
function hs256Rule(turns: readonly Turn[], until: number | null): (now: number) => boolean {
  const own = turns.filter(({ algorithm }) => algorithm === "HS256");
  if (turns.length === 0) return () => true;
  const living = own.filter(({ dropped_at }) => dropped_at === null).map((turn) => endOf(turns, turn));
  if (living.includes(null)) return () => true;
  const wasDropped = own.length > 0 && living.length === 0;
  const last = Math.max(0, ...living.map((end) => end ?? 0));
  if (wasDropped) return () => false;
  // A turn that still signs is never refused by a date.
  return (now) => signingTurn(turns, now)?.algorithm === "HS256" || now < (until ?? last);
}

function createHs256(secretKeys: SecretKeys): Signer & { readonly verify: Verify } {
  const keys = secretKeys.map((key) => Buffer.from(key, "utf8"));
  const [verify, ...before] = keys.map((key) => verifierOf("HS256", key));
  return {
    header: hs256Header,
    sign: (text) => createHmac("sha256", keys[0]!).update(text).digest("base64url"),
    verify: before.reduce(orElse, verify!),
  };
}

/** Whoever has another signature has one of an earlier SECRET_KEY, or none of ours. */
function orElse(verify: Verify, next: Verify): Verify {
  return (token) => {
    try {
      return verify(token);
    } catch (error) {
      if (!(error instanceof TokenError) || error.code !== TokenError.codes.invalidSignature) throw error;
      return next(token);
    }
  };
}

function memberOf(key: SigningKey): Omit<Member, "turn" | "end"> {
  const header = base64url(JSON.stringify({ typ: "JWT", alg: key.algorithm, kid: key.kid }));
  return { key, header, verify: verifierOf(key.algorithm, key.publicPem) };
}

/**
 * Times are checked on every use, against our clock, so that a remembered result can't outlive its token. Only what is dear
 * is remembered: by HS256 to keep one token and drop another costs as much as verifying it, and of more than 10,000 people
 * each comes with one that is gone (bench/README.md, "Verifying a token").
 */
function verifierOf(algorithm: "HS256" | "ES256" | "RS256", key: string | Buffer): Verify {
  return createVerifier({
    key,
    algorithms: [algorithm],
    complete: true,
    ignoreExpiration: true,
    ignoreNotBefore: true,
    ...(algorithm === "HS256" ? { cache: false } : { cache: 10_000, cacheTTL: 600_000 }),
  });
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
