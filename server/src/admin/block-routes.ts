import { isIP } from "node:net";
import { invalidFields } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import { maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import type { Refusals } from "../sign-in/refusals.ts";
import { defaultPageSize, pageSize } from "./admin-fields.ts";
import type { Blocks } from "./blocks.ts";
import type { LockedAccount } from "./locked.ts";
import { administratorOf, needsPerson } from "./staff.ts";

const tags = ["administration"];
const view = needsPerson("log_ins.view_block");
/** One of the two. */
const whose = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 320 })),
  address: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
};

const user = Type.Optional(Type.Integer({ minimum: 1 }));

export interface BlockRoutesDeps {
  readonly blocks: Blocks;
  readonly refusals: Pick<Refusals, "latest">;
}

/** /admin/refusals/ and /admin/blocks/: who was refused, who is kept out, and letting them try again. */
export function blockRoutes(api: Api, { blocks, refusals }: BlockRoutesDeps): void {
  lockedRoute(api, blocks);

  api.route({
    method: "GET",
    url: "/admin/refusals/",
    config: { ...view, dear: true },
    schema: {
      summary: "Refused log-ins of all accounts, the latest first; of a kind and a network once",
      tags,
      querystring: Type.Object({ before: Type.Optional(Type.Integer({ minimum: 1 })), limit: pageSize }),
      response: {
        200: Type.Object({
          results: Type.Array(
            Type.Object({
              ...{ user_id: Type.Integer(), username: Type.String(), reason: Type.String() },
              ...{ network: Type.String(), at: Type.String(), times: Type.Integer() },
            }),
          ),
          next: Type.Union([Type.Integer(), Type.Null()], {
            description:
              "`before` of the next page. A page has all refusals of its last millisecond, and may be longer than `limit` for it.",
          }),
        }),
      },
    },
    async handler(request) {
      const { before = null, limit = defaultPageSize } = request.query;
      const rows = await refusals.latest(limit, before);
      return refusalPage(rows, limit);
    },
  });

  api.route({
    method: "GET",
    url: "/admin/blocks/",
    config: view,
    schema: {
      summary: "What a name, or the network of an address, has used up of its tries to log in",
      tags,
      querystring: Type.Object(whose),
      response: {
        200: Type.Object({
          user_id: Type.Union([Type.Integer(), Type.Null()]),
          counters: Type.Array(
            Type.Object({
              ...{ who: Type.String(), rule: Type.String(), count: Type.Integer(), limit: Type.Integer() },
              ...{ window_seconds: Type.Integer(), full: Type.Boolean() },
            }),
          ),
        }),
      },
    },
    async handler(request) {
      const asked = oneOf(request.query);
      const { userId, counters } =
        "name" in asked ? await blocks.ofName(asked.name) : await blocks.ofNetwork(asked.address);
      return { user_id: userId, counters: counters.map(counterView) };
    },
  });

  api.route({
    method: "POST",
    url: "/admin/blocks/unlock/",
    config: needsPerson("log_ins.change_block"),
    schema: {
      summary: "Let a name, an account by all its names, or the network of an address, try to log in again",
      tags,
      body: Type.Object({ ...whose, user, reason: Type.String({ minLength: 4, maxLength: 500 }) }),
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request) {
      const { reason, user: id, ...rest } = request.body;
      const actor = administratorOf(request);
      if (id !== undefined) {
        if (Object.keys(rest).length > 0) {
          throw invalidFields({ field: "user", code: "not_a_choice", parameters: { value: String(id) } });
        }
        await blocks.unlockUser(actor, id, reason);
        return { message: "OK" };
      }
      const asked = oneOf(rest);
      if ("name" in asked) await blocks.unlockName(actor, asked.name, reason);
      else await blocks.unlockNetwork(actor, asked.address, reason);
      return { message: "OK" };
    },
  });
}

/** As many rows as were asked for, with all of the last one's millisecond, or fewer at the end; names are masked. */
export const refusalPage = (rows: Awaited<ReturnType<Refusals["latest"]>>, limit: number) => ({
  results: rows.map(({ refused_at, username, ...one }) => ({
    ...{ ...one, username: maskText(username), at: new Date(refused_at).toISOString() },
  })),
  next: rows.length >= limit ? rows.at(-1)!.refused_at : null,
});

type Counters = Awaited<ReturnType<Blocks["ofName"] | Blocks["ofNetwork"]>>["counters"];

export const counterView = ({ who, rule, count, limit, window }: Counters[number]) => ({
  ...{ who, rule, count, limit, window_seconds: window, full: limit > 0 && count >= limit },
});

export const lockedView = ({ userId, username, at, who, times, networks }: LockedAccount) => ({
  ...{ user_id: userId, username: maskText(username), at: new Date(at).toISOString(), times },
  ...{ who: [...who], networks: [...networks] },
});

function lockedRoute(api: Api, blocks: Pick<Blocks, "locked">): void {
  api.route({
    method: "GET",
    url: "/admin/blocks/locked/",
    config: { ...view, dear: true },
    schema: {
      summary:
        "Accounts that too many tries keep somebody out of now, of the fifty refused last, the latest first",
      tags,
      response: {
        200: Type.Object({
          results: Type.Array(
            Type.Object({
              ...{
                user_id: Type.Integer(),
                username: Type.String(),
                at: Type.String(),
                times: Type.Integer(),
              },
              who: Type.Array(Type.Enum(["strangers", "device"]), {
                description: "devices that are kept out",
              }),
              networks: Type.Array(Type.String()),
            }),
          ),
        }),
      },
    },
    handler: async () => ({ results: (await blocks.locked()).map(lockedView) }),
  });
}

/** Error: `invalid_fields` for neither, both, or an address that is none. */
function oneOf(asked: {
  readonly name?: string;
  readonly address?: string;
}): { readonly name: string } | { readonly address: string } {
  const { name, address } = asked;
  if (name !== undefined && address === undefined) return { name };
  if (address === undefined || name !== undefined) throw invalidFields({ field: "name", code: "required" });
  if (isIP(address) === 0) {
    throw invalidFields({ field: "address", code: "not_a_network", parameters: { value: address } });
  }
  return { address };
}
