import { nameOf, password, tokenFor } from "./accounts.ts";
import type { Request } from "./load-generator.ts";

/** What is measured: which server is asked what, and what it is compared with. */
export interface Subject {
  readonly id: string;
  readonly label: string;
  /**
   * floor: floor-main.ts. api: `serve`, the API alone. apart: the same with one hash at once and all cores. product:
   * `start`, API, site and worker in one process.
   */
  readonly server: "floor" | "api" | "apart" | "product";
  readonly connections: number;
  readonly requests: readonly Request[];
  /** The subject whose cost is the floor of this one. */
  readonly floor?: string;
}

export interface SubjectContext {
  readonly accounts: number;
  readonly secretKey: string;
  readonly nowSeconds: number;
}

const connections = 32;
/** Of log-ins and sign-ups, whose hashes wait for one another. */
export const logInConnections = 8;
/** Names asked for: half of them taken, spread over all accounts. */
const sample = 2000;

export function subjects({ accounts, secretKey, nowSeconds }: SubjectContext): Subject[] {
  const spread = (i: number) => 1 + Math.floor((i * 2_654_435_761) % accounts);
  const list = <Item>(count: number, make: (i: number) => Item) =>
    Array.from({ length: count }, (_, i) => make(i));
  const names = list(sample, (i) => (i % 2 === 0 ? nameOf(spread(i)) : `free_${i}`));
  const count = names.map((name) => ({ path: `/users/usernames/${name}/count/` }));
  const emails = names.map((name) => ({ path: `/users/emails/${name}@example.com/count/` }));
  const withToken = (i: number) => ({
    path: "/user/",
    headers: {
      Authorization: `JWT ${tokenFor(spread(i), secretKey, nowSeconds + Math.floor(i / accounts))}`,
    },
  });
  const profile = list(1000, withToken);
  const logIns = list(200, (i) => ({
    method: "POST" as const,
    path: "/users/authorizations/",
    body: JSON.stringify({ username: nameOf(spread(i)), password }),
  }));
  return [
    { id: "hello", label: "Fastify hello", server: "floor", connections, requests: [{ path: "/hello/" }] },
    {
      id: "count-floor",
      label: "floor of a count: Fastify + one read",
      server: "floor",
      connections,
      requests: count,
    },
    {
      id: "count",
      label: "user-name count",
      server: "api",
      connections,
      requests: count,
      floor: "count-floor",
    },
    {
      id: "email-count",
      label: "e-mail count",
      server: "api",
      connections,
      requests: emails,
      floor: "count-floor",
    },
    {
      id: "user-floor",
      label: "floor of /user/: Fastify + HS256 + one read",
      server: "floor",
      connections,
      requests: profile,
    },
    {
      id: "user",
      label: "/user/ with a token",
      server: "api",
      connections,
      requests: profile,
      floor: "user-floor",
    },
    {
      id: "user-fresh",
      label: "/user/, each token seen for the first time",
      server: "api",
      connections,
      // More than the verifier remembers, in turn, so that none is ever found again.
      requests: list(21_000, withToken),
      floor: "user-floor",
    },
    {
      id: "login-read-floor",
      label: "floor of a log-in's read (no hash)",
      server: "floor",
      connections,
      requests: list(sample, (i) => ({ path: `/login/${nameOf(spread(i))}/` })),
    },
    {
      id: "code",
      label: "code request (answer; the mail elsewhere)",
      server: "api",
      connections,
      requests: [{ path: "/verifications/email_codes/new_{n}@example.com/" }],
    },
    {
      id: "code-mail",
      label: "code request, mails made in the same process",
      server: "product",
      connections,
      requests: [{ path: "/verifications/email_codes/new_{n}@example.com/" }],
    },
    {
      id: "login",
      label: "log-in, one core for two hashes at once and the rest",
      server: "api",
      connections: logInConnections,
      requests: logIns,
    },
    {
      id: "login-hash",
      label: "floor of that: Fastify + the hash, likewise",
      server: "floor",
      connections: logInConnections,
      requests: logIns.map((request) => ({ ...request, path: "/hash/" })),
    },
    {
      id: "login-apart",
      label: "log-in, one hash at once, a core left for the rest",
      server: "apart",
      connections: logInConnections,
      requests: logIns,
    },
  ];
}
