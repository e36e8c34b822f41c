import { type Consents, consentDocuments } from "../accounts/consents.ts";
import { Profile, type Profiles } from "../accounts/profile.ts";
import type { User } from "../accounts/record.ts";
import { expectImpersonal } from "../accounts/staff-reason.ts";
import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Passkeys } from "../factors/passkeys.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import type { Api } from "../http/server.ts";
import { BindingView, bindingView } from "../identities/bindings/binding-routes.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import Type from "../kernel/schema/schema.ts";
import { pastLogIns } from "../sessions/session-history.ts";
import { SessionView, viewOf } from "../sessions/session-view.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { LogIn, logInView, Refused, refusedView } from "../sign-in/log-in-history-routes.ts";
import { PasskeyView, passkeyView } from "../sign-in/passkey-routes.ts";
import type { Refusals } from "../sign-in/refusals.ts";
import { idParameters } from "./admin-fields.ts";
import { type Administrator, isService, type Limits } from "./administrator.ts";
import { administratorOf, needsPerson } from "./staff.ts";

/**
 * POST /admin/users/<id>/look-as/: the account as its owner's page shows it, unmasked, from what those pages read. Promises: it reads,
 * and gives no token; who looked and why is in the audit log before anything is answered; nobody looks at whoever may do something that
 * they may not. Guard: look-as.test.ts, which compares it with what the owner is answered.
 */
export interface LookAsDeps {
  readonly db: Db;
  readonly audit: Audit;
  readonly users: Pick<Users, "lock">;
  readonly limits: Limits;
  readonly profiles: Pick<Profiles, "of">;
  readonly sessions: Pick<Sessions, "list">;
  readonly refusals: Pick<Refusals, "list">;
  readonly bindings: Pick<Bindings, "list">;
  readonly secondFactors: Pick<SecondFactors, "statusOf">;
  readonly passkeys: Pick<Passkeys, "of">;
  readonly consents: Pick<Consents, "list">;
}

const shownLogIns = 20;
const timeOf = (at: number) => new Date(at).toISOString();

const Look = Type.Object({
  profile: Profile,
  sessions: Type.Array(SessionView),
  log_ins: Type.Array(LogIn),
  refused: Type.Array(Refused),
  bindings: Type.Array(BindingView),
  second_factor: Type.Object({
    ...{ enabled: Type.Boolean(), since: Type.Union([Type.String(), Type.Null()]) },
    ...{ recovery_codes_left: Type.Integer(), methods: Type.Array(Type.String()) },
  }),
  passkeys: Type.Array(PasskeyView),
  consents: Type.Array(
    Type.Object({ document: Type.Enum(consentDocuments), version: Type.String(), agreed: Type.String() }),
  ),
});

export function lookAsRoutes(api: Api, deps: LookAsDeps): void {
  api.route({
    method: "POST",
    url: "/admin/users/:id/look-as/",
    config: needsPerson("users.look_as_user"),
    schema: {
      summary: "Look at an account as its owner sees it; the audit log has who did, and why",
      tags: ["administration"],
      params: idParameters,
      body: Type.Object({ reason: Type.String({ minLength: 4, maxLength: 500 }) }),
      response: { 200: Look },
    },
    async handler(request, reply) {
      const { params, body } = request;
      const user = await noted(deps, administratorOf(request), params.id, body.reason);
      reply.header("cache-control", "no-store");
      return look(deps, user);
    },
  });
}

/** Errors: `not_found`, `forbidden`, and of a reason with somebody's address. */
function noted(deps: LookAsDeps, actor: Administrator, id: number, reason: string): Promise<User> {
  expectImpersonal(reason);
  return deps.db.transaction(async (transaction) => {
    if (isService(actor)) throw new AppError("forbidden");
    const user = await deps.users.lock(transaction, id);
    if (user === null) throw new AppError("not_found");
    await deps.limits.mayTouch(actor, user);
    await deps.audit.record(transaction, actor, {
      ...{ action: "user.look-as", targetKind: "user", targetId: id, target: user.username },
      ...{ before: {}, after: { reason } },
    });
    return user;
  });
}

async function look(deps: LookAsDeps, user: User) {
  const { id } = user;
  const [profile, sessions, logIns, refused, bindings, factor, passkeys, consents] = await Promise.all([
    deps.profiles.of(user),
    deps.sessions.list(user),
    pastLogIns(deps.db, id, { after: null, limit: shownLogIns }),
    deps.refusals.list(id),
    deps.bindings.list(id),
    deps.secondFactors.statusOf(id),
    deps.passkeys.of(id),
    deps.consents.list(id),
  ]);
  return {
    profile,
    sessions: await Promise.all(sessions.map((row) => viewOf(row, null))),
    log_ins: await Promise.all(logIns.map(logInView)),
    refused: refused.map(refusedView),
    bindings: bindings.map(bindingView),
    second_factor: {
      ...{ enabled: factor.enabled, since: factor.since === null ? null : timeOf(factor.since) },
      ...{ recovery_codes_left: factor.recoveryCodesLeft, methods: [...factor.methods] },
    },
    passkeys: passkeys.passkeys.map(passkeyView),
    consents: consents.map(({ document, version, agreed_at }) => ({
      ...{ document, version, agreed: timeOf(agreed_at) },
    })),
  };
}
