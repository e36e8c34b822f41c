import { invalidFields } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import { maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import type { Cursor, DataRequests, RequestPage } from "../rights/data-requests.ts";
import { defaultPageSize, pageSize } from "./admin-fields.ts";
import { needsPerson } from "./staff.ts";

/** /admin/data-requests/: what people asked for and when it is due. User names are shortened; an account's page shows them. */
export interface DataRequestDeps {
  readonly dataRequests: DataRequests;
}

const nullableText = Type.Union([Type.String(), Type.Null()]);
const config = { ...needsPerson("rights.view_datarequest"), dear: true } as const;
const querystring = Type.Object({
  after: Type.Optional(Type.String({ maxLength: 60, description: "the `next` of the page before" })),
  limit: pageSize,
});
const whose = { user: Type.Integer(), username: Type.String() };
const tags = ["administration"];

export function dataRequestRoutes(api: Api, { dataRequests }: DataRequestDeps): void {
  api.route({
    method: "GET",
    url: "/admin/data-requests/deletions/",
    config,
    schema: {
      summary: "Accounts that wait to be erased, the next first, and who has them wait",
      tags,
      querystring,
      response: {
        200: Type.Object({
          results: Type.Array(
            Type.Object({
              ...{ ...whose, due: Type.String() },
              holds: Type.Array(
                Type.Object({ service: Type.String(), reason: Type.String(), until: Type.String() }),
              ),
            }),
          ),
          next: nullableText,
        }),
      },
    },
    async handler(request) {
      return answer(await dataRequests.deletions(asked(request.query)), (row) => ({
        due: iso(row.due_at),
        holds: row.holds.map(({ service, reason, held_until }) => ({
          ...{ service, reason, until: iso(held_until) },
        })),
      }));
    },
  });

  api.route({
    method: "GET",
    url: "/admin/data-requests/exports/",
    config,
    schema: {
      summary: "Exports that people asked for and can fetch or wait for, the first to expire first",
      tags,
      querystring,
      response: {
        200: Type.Object({
          results: Type.Array(
            Type.Object({ ...whose, asked: Type.String(), ready: nullableText, expires: Type.String() }),
          ),
          next: nullableText,
        }),
      },
    },
    async handler(request) {
      return answer(await dataRequests.exports(asked(request.query)), (row) => ({
        ...{ asked: iso(row.asked_at), expires: iso(row.expires_at) },
        ready: row.ready_at === null ? null : iso(row.ready_at),
      }));
    },
  });

  api.route({
    method: "GET",
    url: "/admin/data-requests/number-leaves/",
    config,
    schema: {
      summary: "Numbers that are about to leave their account, the next first",
      tags,
      querystring,
      response: {
        200: Type.Object({
          results: Type.Array(
            Type.Object({ ...whose, asked: Type.String(), due: Type.String(), told: nullableText }),
          ),
          next: nullableText,
        }),
      },
    },
    async handler(request) {
      return answer(await dataRequests.leaves(asked(request.query)), (row) => ({
        ...{ asked: iso(row.asked_at), due: iso(row.due_at) },
        told: row.told_at === null ? null : iso(row.told_at),
      }));
    },
  });
}

const iso = (millis: number) => new Date(millis).toISOString();

function asked({ after, limit = defaultPageSize }: { readonly after?: string; readonly limit?: number }) {
  if (after === undefined) return { limit };
  const [, at, key] = /^(\d{1,15})-([\w-]{1,22})$/.exec(after) ?? [];
  if (at === undefined || key === undefined)
    throw invalidFields({ field: "after", code: "not_a_choice", parameters: { value: after } });
  return { limit, after: { at: Number(at), key } };
}

const cursorText = (cursor: Cursor | null) => (cursor === null ? null : `${cursor.at}-${cursor.key}`);

function answer<Row extends { readonly user_id: number; readonly username: string }, Shown>(
  { rows, next }: RequestPage<Row>,
  shown: (row: Row) => Shown,
) {
  return {
    results: rows.map((row) => ({ user: row.user_id, username: maskText(row.username), ...shown(row) })),
    next: cursorText(next),
  };
}
