/** What is compared with another version; each is asked of a running product, over HTTP or SMTP alone. */
export const judged = {
  start: "start of the API to its first answer",
  count: "user-name count",
  "email-count": "e-mail count",
  user: "/user/ with a token",
  "user-fresh": "/user/, each token seen for the first time",
  login: "log-in (argon2id 19 MiB, t=2)",
  "sign-up": "sign-up (argon2id 19 MiB, t=2)",
  code: "code request (answer; the mail elsewhere)",
  mail: "mail sent by a worker process",
} as const;

export type JudgedRow = keyof typeof judged;

export const judgedRows = Object.keys(judged) as readonly JudgedRow[];

/** Those that load alone measures, in an order in which no row finds another's work left undone. */
export const loaded = [
  "count",
  "email-count",
  "user",
  "user-fresh",
  "login",
] as const satisfies readonly JudgedRow[];
