import { oldSmsCode } from "../accounts/mobile-routes.ts";
import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Db } from "../engines/database/database.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { proofOf, type StepUpCaller } from "../http/step-up.ts";
import { maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import type { createExpectLeaver, LeaversCall } from "./expect-leaver.ts";
import { joinedThings, joinProblems } from "./join-plan.ts";
import type { JoinTicket, JoinTickets } from "./join-tickets.ts";
import type { Joins, Preview } from "./joins.ts";

/**
 * Joining two accounts of one person: the account that stays makes an offer, the other's owner answers it with a ticket, and with that
 * the first one looks at what becomes of both, and does it. Promises: nothing but POST, and whatever changes something is proved in
 * that very call by each account's own owner, with the second factor where there is one (guards: step-up-matrix.test.ts,
 * joining-csrf.test.ts); without the ticket nobody learns anything of another account.
 */
export interface JoiningRoutesDeps {
  readonly db: Db;
  readonly users: Pick<Users, "byId">;
  readonly devices: Pick<KnownDevices, "askerOf">;
  readonly joins: Joins;
  readonly tickets: JoinTickets;
  /** Something of this very call (sign-in/step-up.ts). */
  readonly expectProof: (caller: StepUpCaller, call: LeaversCall) => Promise<void>;
  readonly expectLeaver: ReturnType<typeof createExpectLeaver>;
}

const tags = ["account"];
const token = Type.String({ maxLength: 64 });
const password = Type.Optional(Type.String({ trim: false, maxLength: 4096 }));
const nullableText = Type.Union([Type.String(), Type.Null()]);
const OneAccount = Type.Object({ id: Type.Integer(), username: Type.String() });

const PreviewView = Type.Object({
  kept: OneAccount,
  joined: OneAccount,
  /** What prevents it; empty where nothing does. */
  problems: Type.Array(Type.Enum([...joinProblems])),
  bindings: Type.Array(
    Type.Object({
      provider: Type.String(),
      nickname: nullableText,
      created_at: Type.String(),
      /** A log-in alone added it: the next new password removes it. */
      unproved: Type.Boolean(),
    }),
  ),
  items: Type.Array(
    Type.Object({
      what: Type.Enum([...joinedThings]),
      becomes: Type.Enum(["moves", "stays", "lost"]),
      value: nullableText,
      count: Type.Integer(),
    }),
  ),
  /** Sent back with the confirmation, which is refused where anything is another by then. */
  digest: Type.String(),
});

export function joiningRoutes(api: Api, deps: JoiningRoutesDeps): void {
  addOffer(api, deps);
  addTicket(api, deps);
  addPreview(api, deps);
  addJoin(api, deps);
}

function addOffer(api: Api, { tickets }: JoiningRoutesDeps): void {
  api.route({
    method: "POST",
    url: "/user/joining/offer/",
    config: { auth: "required", stepUp: "joining" },
    schema: {
      summary: "Offer to take another account of the same person in: the beginning of joining two",
      ...{ tags, response: { 201: Type.Object({ offer: Type.String(), expires_in: Type.Integer() }) } },
    },
    async handler(request, reply) {
      reply.code(201);
      return { offer: await tickets.offer(userOf(request)), expires_in: tickets.lifeSeconds };
    },
  });
}

function addTicket(api: Api, { users, devices, tickets, expectLeaver }: JoiningRoutesDeps): void {
  api.route({
    method: "POST",
    url: "/user/joining/ticket/",
    config: { auth: "required" },
    schema: {
      summary: "Let the own account go into the one that made the offer; proved in this call",
      tags,
      body: Type.Object({ offer: token, current_password: password, old_sms_code: oldSmsCode }),
      response: {
        201: Type.Object({
          ticket: Type.String(),
          expires_in: Type.Integer(),
          /** The account that stays; a name that is an address or a number is shortened, as nothing shows yet that it is the same person's. */
          kept: OneAccount,
        }),
      },
    },
    async handler(request, reply) {
      const user = userOf(request);
      const { offer, old_sms_code: code } = request.body;
      const caller = { user, proof: proofOf(request) };
      const leaver = await expectLeaver(caller, await callOf(request, devices), code);
      const { ticket, keptId } = await tickets.ticket(offer, leaver);
      const kept = await users.byId(keptId);
      reply.code(201);
      return {
        ...{ ticket, expires_in: tickets.lifeSeconds },
        kept: { id: keptId, username: maskText(kept?.username ?? "") },
      };
    },
  });
}

function addPreview(api: Api, { joins, tickets }: JoiningRoutesDeps): void {
  api.route({
    method: "POST",
    url: "/user/joining/preview/",
    config: { auth: "required" },
    schema: {
      summary: "What becomes of both accounts: what moves, stays and is lost, and what prevents it",
      ...{ tags, body: Type.Object({ ticket: token }), response: { 200: PreviewView } },
    },
    async handler(request) {
      const ticket = await tickets.check(request.body.ticket, userOf(request));
      return view(await joins.preview(accountsOf(ticket)));
    },
  });
}

function addJoin(api: Api, { db, users, devices, joins, tickets, expectProof }: JoiningRoutesDeps): void {
  api.route({
    method: "POST",
    url: "/user/joining/",
    config: { auth: "required" },
    schema: {
      summary: "Join the other account into this one, as the preview said; proved in this call",
      tags,
      body: Type.Object({ ticket: token, digest: token, current_password: password }),
      response: { 200: Type.Object({ message: Type.String(), joined_id: Type.Integer() }) },
    },
    async handler(request) {
      const user = userOf(request);
      await expectProof({ user, proof: proofOf(request) }, await callOf(request, devices));
      const { ticket: shown, digest } = request.body;
      const ticket = await tickets.check(shown, user);
      const actor = { id: user.id, name: user.username, requestId: String(request.id).slice(0, 64) };
      const asked = { actor, by: "owner", digest } as const;
      const accounts = accountsOf(ticket);
      const notesSeen = await joins.forgetNotes(accounts, asked);
      await db.transaction(async (transaction) => {
        // Both accounts' locks are taken in an order of their own; what is judged here is compared under them by its version.
        tickets.expectSame(ticket, await users.byId(ticket.joinedId, transaction));
        await tickets.consume(transaction, ticket);
        await joins.join(transaction, accounts, { ...asked, notesSeen });
      });
      return { message: "OK", joined_id: ticket.joinedId };
    },
  });
}

type Asking = Parameters<KnownDevices["askerOf"]>[0] & { readonly body: { current_password?: string } };

async function callOf(request: Asking, devices: JoiningRoutesDeps["devices"]) {
  const { current_password: typed } = request.body;
  return { action: "joining" as const, password: typed, asker: await devices.askerOf(request) };
}

const accountsOf = ({ keptId, keptVersion, joinedId, joinedVersion }: JoinTicket) => ({
  kept: { id: keptId, credentials_version: keptVersion },
  joined: { id: joinedId, credentials_version: joinedVersion },
});

function view({ kept, joined, plan }: Preview) {
  const named = ({ id, username }: User) => ({ id, username });
  return {
    ...{ kept: named(kept), joined: named(joined), digest: plan.digest },
    problems: [...plan.problems],
    bindings: plan.bindings
      .filter(({ is_alias }) => is_alias === 0)
      .map(({ provider, nickname, created_at, unproved }) => ({
        ...{ provider, nickname, unproved: unproved === 1 },
        created_at: new Date(created_at).toISOString(),
      })),
    items: plan.items.map((item) => ({ ...item })),
  };
}
