import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import type { Clock } from "../kernel/clock.ts";
import Type from "../kernel/schema/schema.ts";
import type { KeyChanges } from "../sessions/keys/key-changes.ts";
import { endOf, stateOf } from "../sessions/keys/key-turns.ts";
import type { SigningKeys, SigningSettings } from "../sessions/keys/signing-keys.ts";
import { administratorOf, needsPerson } from "./staff.ts";

/** /admin/keys/: the keys that sign access tokens, never what they are. To end one at once is `manage keys drop` alone. */
export interface KeyAdminDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly signing: Pick<SigningSettings, "algorithm" | "rotateDays">;
  readonly signingKeys: Pick<SigningKeys, "ring">;
  readonly keyChanges: Pick<KeyChanges, "rotate">;
}

const nullableText = Type.Union([Type.String(), Type.Null()]);
const KeyAnswer = Type.Object({
  kid: Type.String(),
  algorithm: Type.String(),
  state: Type.Enum(["next", "current", "previous", "over", "dropped"]),
  signs_from: nullableText,
  over: Type.Union([Type.String(), Type.Null()], { description: "when its last token ends, where known" }),
  readable: Type.Boolean({ description: "false: it was encrypted under another SECRET_KEY" }),
});
const tags = ["administration"];

export function keyAdminRoutes(api: Api, deps: KeyAdminDeps): void {
  const { db, clock, audit, signing, signingKeys, keyChanges } = deps;

  api.route({
    method: "GET",
    url: "/admin/keys/",
    config: needsPerson("keys.view_signingkey"),
    schema: {
      summary: "The keys of access tokens; none where SECRET_KEY signs (HS256)",
      tags,
      response: {
        200: Type.Object({
          algorithm: Type.String(),
          rotate_days: Type.Integer({ description: "0: only by hand" }),
          results: Type.Array(KeyAnswer),
        }),
      },
    },
    async handler() {
      const { turns, isUsable } = await signingKeys.ring();
      const now = clock.now();
      const results = turns.map((turn) => ({
        ...{ kid: turn.kid, algorithm: turn.algorithm, state: stateOf(turns, turn, now) },
        ...{ signs_from: iso(turn.signs_from), over: iso(endOf(turns, turn)) },
        readable: turn.dropped_at !== null || isUsable(turn),
      }));
      return { algorithm: signing.algorithm, rotate_days: signing.rotateDays, results };
    },
  });

  api.route({
    method: "POST",
    url: "/admin/keys/rotate/",
    config: needsPerson("keys.rotate_signingkey"),
    schema: {
      summary: "A new key: it is published now and signs after an hour, or now",
      tags,
      body: Type.Object({ at_once: Type.Optional(Type.Boolean()) }),
      response: { 200: Type.Object({ kid: Type.String(), signs_from: nullableText }) },
    },
    async handler(request) {
      const actor = administratorOf(request);
      const added = await keyChanges.rotate(request.body.at_once ?? false);
      if (added === "hs256") throw new AppError("no_key_to_rotate");
      const { kid, algorithm, signs_from } = added;
      await db.transaction((transaction) =>
        audit.record(transaction, actor, {
          ...{ action: "system.rotate-keys", targetKind: "system", targetId: 0, target: kid },
          ...{ before: {}, after: { algorithm, signsFrom: iso(signs_from) } },
        }),
      );
      return { kid, signs_from: iso(signs_from) };
    },
  });
}

/** Null for always, too: HS256 signed from the beginning. */
const iso = (millis: number | null) =>
  millis === null || millis === 0 || millis > 8.64e15 ? null : new Date(millis).toISOString();
