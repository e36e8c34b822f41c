import { createRefreshTokens } from "../server/src/sessions/refresh-token.ts";
import { nameOf, password, tokenFor } from "./accounts.ts";
import type { Request } from "./load/load.ts";
import { randomNumbers } from "./random-numbers.ts";
import { accountOf, sessionIdOf, sessionSeconds } from "./sessions.ts";
import type { Stand } from "./stand.ts";

/** What is measured: which server is asked what, and what it is compared with. */
export interface Subject {
  readonly id: string;
  readonly label: string;
  /**
   * floor: floor-main.ts. api: `serve`, the API alone. apart: the same with one hash at once and all cores. product:
   * `start`, API, site and worker in one process. free: `serve` without the limits of a client's network on SMS.
   */
  readonly server: "floor" | "api" | "apart" | "product" | "free";
  readonly connections: number;
  readonly requests: readonly Request[];
  /** Where no request may be sent twice: further ones, enough for so many seconds. */
  readonly more?: (seconds: number) => readonly Request[];
  /** The subject whose cost is the floor of this one. */
  readonly floor?: string;
}

export interface SubjectContext {
  readonly accounts: number;
  readonly sessions: number;
  readonly secretKey: string;
  readonly nowSeconds: number;
}

const connections = 32;
/** Of log-ins and sign-ups, whose hashes wait for one another. */
export const logInConnections = 8;
/** Different requests of a kind: with a million accounts no page of the table is asked for often. */
const sample = 50_000;
/** Tokens in use: few enough for the verifier to remember all of them. */
const tokensInUse = 1000;

/** The requests of each kind, over accounts picked at random, the same in every run. */
export function requestsFor(context: SubjectContext) {
  const { accounts, sessions, secretKey, nowSeconds } = context;
  const list = <Item>(count: number, make: (n: number, i: number) => Item) => {
    const pick = randomNumbers(20_261_128, accounts);
    return Array.from({ length: count }, (_, i) => make(pick(), i));
  };
  /** Half of them taken. */
  const names = list(sample, (n, i) => (i % 2 === 0 ? nameOf(n) : `free_${nameOf(n)}`));
  const pickSession = randomNumbers(20_261_129, sessions);
  /** All with their own serial number: a session that is picked again has another token. */
  const withToken = (serial: number) => {
    const m = pickSession();
    const how = { secretKey, nowSeconds, serial, session: sessionIdOf(m) };
    return { path: "/user/", headers: { Authorization: `JWT ${tokenFor(accountOf(m, accounts), how)}` } };
  };
  return {
    count: names.map((name) => ({ path: `/users/usernames/${name}/count/` })),
    emailCount: names.map((name) => ({ path: `/users/emails/${name}@example.com/count/` })),
    profile: list(tokensInUse, (_, i) => withToken(i)),
    // More than the verifier remembers, in turn, so that none is ever found again.
    freshProfile: list(sample, (_, i) => withToken(tokensInUse + i)),
    ...renewalsFor(context),
    logInRead: list(sample, (n) => ({ path: `/login/${nameOf(n)}/` })),
    code: [{ path: "/verifications/email_codes/new_{n}@example.com/" }],
    logIn: list(200, (n) => ({
      method: "POST" as const,
      path: "/users/authorizations/",
      body: JSON.stringify({ username: nameOf(n), password }),
    })),
  };
}

/** More than a core answers. */
const mostRenewalsPerSecond = 15_000;
/** As much as is needed of 2^32 to come to every session before any comes again. */
const stride = 2_654_435_761;

/**
 * Renewals, each of which replaces a token: one session after the other, all over the table, or those in use, which lie all over
 * it, too. The numbers are always ahead of the row's, which is taken as the good one is (sessions/rotation.ts): the answers of
 * the last load, with the tokens to show next, are nowhere.
 */
function renewalsFor({ accounts, sessions, secretKey, nowSeconds }: SubjectContext) {
  const tokens = createRefreshTokens([secretKey]);
  const numbers = new Map<number, number>();
  const every = Math.max(1, Math.floor(sessions / tokensInUse));
  const inTurn = (sessionAt: (sent: number) => number) => {
    let sent = 0;
    return (seconds: number): Request[] =>
      Array.from({ length: Math.ceil(seconds * mostRenewalsPerSecond) }, () => {
        const m = sessionAt(sent++);
        const number = numbers.get(m) ?? 0;
        numbers.set(m, number + 2);
        const claims = { sessionId: sessionIdOf(m), userId: accountOf(m, accounts), number };
        const refresh_token = tokens.issue({ ...claims, exp: nowSeconds + sessionSeconds });
        return { method: "POST", path: "/user/tokens/refresh/", body: JSON.stringify({ refresh_token }) };
      });
  };
  return {
    renewals: inTurn((sent) => 1 + ((sent * stride) % sessions)),
    renewalsInUse: inTurn((sent) => 1 + (((sent % Math.min(tokensInUse, sessions)) * every) % sessions)),
  };
}

type Requests = ReturnType<typeof requestsFor>;

export function subjects(context: SubjectContext): Subject[] {
  const requests = requestsFor(context);
  const parts = [readSubjects, codeSubjects, smsSubjects, refreshSubjects, logInSubjects];
  return parts.flatMap((part) => part(requests));
}

/** The subjects for a stand with that many accounts, with tokens that are valid from now on. */
export function subjectsOn({ secretKey }: Stand, accounts: number, sessions = accounts): Subject[] {
  const nowSeconds = Math.floor((performance.timeOrigin + performance.now()) / 1000);
  return subjects({ accounts, sessions, secretKey, nowSeconds });
}

function readSubjects({ count, emailCount, profile, freshProfile, logInRead }: Requests): Subject[] {
  const onFloor = { server: "floor", connections } as const;
  const onApi = { server: "api", connections } as const;
  return [
    { id: "hello", label: "Fastify hello", ...onFloor, requests: [{ path: "/hello/" }] },
    { id: "count-floor", label: "floor of a count: Fastify + one read", ...onFloor, requests: count },
    { id: "count", label: "user-name count", ...onApi, requests: count, floor: "count-floor" },
    { id: "email-count", label: "e-mail count", ...onApi, requests: emailCount, floor: "count-floor" },
    {
      ...{ id: "user-floor", label: "floor of /user/: Fastify + HS256 + one read" },
      ...{ ...onFloor, requests: profile },
    },
    { id: "user", label: "/user/ with a token", ...onApi, requests: profile, floor: "user-floor" },
    {
      ...{ id: "user-fresh", label: "/user/, each token seen for the first time" },
      ...{ ...onApi, requests: freshProfile, floor: "user-floor" },
    },
    {
      ...{ id: "login-read-floor", label: "floor of a log-in's read (no hash)" },
      ...{ ...onFloor, requests: logInRead },
    },
  ];
}

function codeSubjects({ code: requests }: Requests): Subject[] {
  return [
    {
      ...{ id: "code", label: "code request (answer; the mail elsewhere)" },
      ...{ server: "api", connections, requests },
    },
    {
      ...{ id: "code-mail", label: "code request, mails made in the same process" },
      ...{ server: "product", connections, requests },
    },
  ];
}

/** More than a core answers. */
const mostCodesPerSecond = 10_000;
const firstMobile = 13_000_000_000;
let mobiles = 0;

/** Codes by SMS, each to a number that no other asks for. */
export const smsRequests = (seconds: number): Request[] =>
  Array.from({ length: Math.ceil(seconds * mostCodesPerSecond) }, () => ({
    path: `/verifications/sms_codes/${firstMobile + mobiles++}/?send_type=register`,
  }));

/** Beside the code by mail, which is their floor; and what the limits of a client's network add. */
function smsSubjects(): Subject[] {
  const asked = { connections, requests: [], more: smsRequests };
  return [
    { id: "sms-code", label: "code request by SMS", server: "api", ...asked, floor: "code" },
    {
      ...{ id: "sms-code-free", label: "the same without the limits of a network", server: "free" },
      ...asked,
    },
  ];
}

function refreshSubjects({ renewals, renewalsInUse }: Requests): Subject[] {
  const onApi = { server: "api", connections, requests: [] } as const;
  return [
    { id: "refresh", label: "renewal by a refresh token, which is replaced", ...onApi, more: renewals },
    { id: "refresh-in-use", label: "renewal, the same sessions again", ...onApi, more: renewalsInUse },
  ];
}

function logInSubjects({ logIn: requests }: Requests): Subject[] {
  return [
    {
      ...{ id: "login", label: "log-in, one core for two hashes at once and the rest" },
      ...{ server: "api", connections: logInConnections, requests },
    },
    {
      ...{ id: "login-hash", label: "floor of that: Fastify + the hash, likewise" },
      ...{ server: "floor", connections: logInConnections },
      requests: requests.map((request) => ({ ...request, path: "/hash/" })),
    },
    {
      ...{ id: "login-apart", label: "log-in, one hash at once, a core left for the rest" },
      ...{ server: "apart", connections: logInConnections, requests },
    },
  ];
}
