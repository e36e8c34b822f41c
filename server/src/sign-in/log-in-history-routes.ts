import { browserName } from "../devices/browser-name.ts";
import type { Db } from "../engines/database/database.ts";
import { invalidFields } from "../errors/errors.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { maskNetwork } from "../kernel/client-address.ts";
import Type from "../kernel/schema/schema.ts";
import { cursorOf, type PastLogIn, pastLogIns, readCursor } from "../sessions/session-history.ts";
import type { Refusals } from "./refusals.ts";

/**
 * GET /user/log-ins/: when, on what device, from which network and how the account was logged in to, and what was refused. Promises:
 * the owner's own alone; a network without its last part; nothing by which a session could be ended or entered.
 */
export interface LogInHistoryDeps {
  readonly db: Db;
  readonly refusals: Pick<Refusals, "list">;
}

const pageSize = 20;
const nullableText = Type.Union([Type.String(), Type.Null()]);
/** A log-in as its owner sees it. */
export const LogIn = Type.Object({
  at: Type.String(),
  /** As of GET /user/sessions/. */
  way: Type.String(),
  provider: nullableText,
  browser: Type.String(),
  system: Type.String(),
  network: Type.String(),
  /** When it was ended; null for one that goes on or ended by itself. */
  ended_at: nullableText,
});
/** Attempts that were refused, as the owner sees them. */
export const Refused = Type.Object({
  /** Of the last one. */
  at: Type.String(),
  reason: Type.String(),
  network: Type.String(),
  times: Type.Integer(),
});

export function logInHistoryRoutes(api: Api, { db, refusals }: LogInHistoryDeps): void {
  api.route({
    method: "GET",
    url: "/user/log-ins/",
    config: { auth: "required", impersonated: true },
    schema: {
      summary:
        "The own log-ins, the newest first, page by page; on the first page what was refused lately, too",
      tags: ["sessions"],
      querystring: Type.Object({ cursor: Type.Optional(Type.String({ maxLength: 60, allowBlank: true })) }),
      response: {
        200: Type.Object({
          log_ins: Type.Array(LogIn),
          refused: Type.Array(Refused),
          /** For the next page; null on the last. */
          next: nullableText,
        }),
      },
    },
    async handler(request) {
      const { id } = userOf(request);
      const { cursor = "" } = request.query;
      return {
        ...(await logInPage(db, id, cursor)),
        refused: cursor === "" ? (await refusals.list(id)).map(refusedView) : [],
      };
    },
  });
}

/** A page of an account's log-ins, the newest first. `cursor`: the `next` of the page before; empty for the first. Error: `invalid`, of a cursor that is none. */
export async function logInPage(db: Db, userId: number, cursor: string) {
  const after = cursor === "" ? null : readCursor(cursor);
  if (cursor !== "" && after === null)
    throw invalidFields({ field: "cursor", code: "not_a_choice", parameters: { value: cursor } });
  const found = await pastLogIns(db, userId, { after, limit: pageSize + 1 });
  const rows = found.slice(0, pageSize);
  const last = found.length > pageSize ? rows.at(-1) : undefined;
  return {
    log_ins: await Promise.all(rows.map(logInView)),
    next: last === undefined ? null : cursorOf(last),
  };
}

export async function logInView({ way, provider, user_agent, network, created_at, ended_at }: PastLogIn) {
  const [browser = "", system = ""] = (await browserName(user_agent)).split("/");
  return {
    ...{ at: new Date(created_at).toISOString(), way, provider, browser, system },
    // Of staff who act in the owner's place none is kept.
    network: network === "" ? "" : maskNetwork(network),
    ended_at: ended_at === null ? null : new Date(ended_at).toISOString(),
  };
}

export const refusedView = ({
  refused_at,
  reason,
  network,
  times,
}: Awaited<ReturnType<Refusals["list"]>>[number]) => ({
  ...{ at: new Date(refused_at).toISOString(), reason, network, times },
});
