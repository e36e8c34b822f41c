import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { NoPasskeys, PasskeyAddress } from "./passkey-address.ts";
import {
  challengeIn,
  PasskeyRefused,
  type RequestOptions,
  requestOptions,
  type Shown,
  shownRight,
} from "./passkey-ceremony.ts";
import type { PasskeyChallenges, PasskeyPurpose } from "./passkey-challenges.ts";
import { findPasskey, type PasskeyRow, passkeysOf, usePasskey } from "./passkey-store.ts";

/**
 * Showing a passkey: to log in by it, as the second half of a log-in, or to prove oneself again. Promises: whose it is follows
 * from the credential and from the handle that the device brings, and both must agree; another account's proves nothing; a
 * counter that falls, which a copied device has, is refused and stands in the audit log. Guard: passkeys.test.ts.
 */
export interface PasskeyProofsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly users: Pick<Users, "byId">;
  readonly log: Log;
  readonly passkeyAddress: PasskeyAddress | NoPasskeys;
}

type OfAccount = Exclude<PasskeyPurpose, "register" | "enrol" | "log-in">;

export function createPasskeyProofs(deps: PasskeyProofsDeps & { readonly challenges: PasskeyChallenges }) {
  const { db, clock, audit, users, log, challenges } = deps;

  function address(): PasskeyAddress {
    if (typeof deps.passkeyAddress === "string") throw new AppError("passkeys_unavailable");
    return deps.passkeyAddress;
  }

  /** Runs a ceremony; what is wrong with it goes to the log, and to the person as `passkey_refused`. */
  async function orTold<Result>(asker: Asker, ceremony: () => Promise<Result>): Promise<Result> {
    try {
      return await ceremony();
    } catch (error) {
      if (!(error instanceof PasskeyRefused)) throw error;
      log.info({ client: asker.network, reason: error.message }, "passkey refused");
      throw new AppError("passkey_refused", { cause: error });
    }
  }

  /** The account's id, by a passkey that is right. `userId`: whose it must be; 0 for anybody's. */
  async function check(shown: Shown, purpose: PasskeyPurpose, userId: number, asker: Asker): Promise<number> {
    const at = address();
    return orTold(asker, async () => {
      const challenge = challengeIn(shown);
      await challenges.take(challenge, { purpose, userId }, asker);
      const passkey = typeof shown.id === "string" ? await findPasskey(db, shown.id.slice(0, 1400)) : null;
      if (passkey === null) throw new AppError("passkey_unknown");
      const { userHandle } = (shown.response ?? {}) as { readonly userHandle?: unknown };
      // A device that was told which to use need not say whose it is.
      const isTold = userId !== 0 && (userHandle ?? null) === null;
      const isWhose = isTold || userHandle === passkey.handle;
      if (!isWhose || (userId !== 0 && passkey.user_id !== userId)) {
        throw new PasskeyRefused("the passkey is another account's");
      }
      const { counter, ...facts } = await shownRight(at, shown, { challenge, passkey });
      await note(passkey, counter, facts);
      return passkey.user_id;
    });
  }

  async function note(
    passkey: PasskeyRow,
    counter: number,
    facts: Pick<PasskeyRow, "device_type" | "backed_up">,
  ): Promise<void> {
    const { device_type: deviceType, backed_up: backedUp } = facts;
    const use = { id: passkey.id, counter, deviceType, backedUp, now: clock.now() };
    if (await usePasskey(db, use)) return;
    const target = (await users.byId(passkey.user_id))?.username ?? "";
    await audit.record(
      db,
      { id: null, name: "(passkey)", requestId: null },
      {
        ...{ action: "user.passkey-counter", targetKind: "user", targetId: passkey.user_id, target },
        before: { counter: passkey.counter },
        after: { shown: counter, passkey: passkey.name },
      },
    );
    throw new PasskeyRefused("the counter has fallen: there may be two of that device");
  }

  return {
    address,
    orTold,

    /** For a log-in without a name: the device offers what it has. Error: `passkeys_unavailable`. */
    async beginLogIn(asker: Asker): Promise<RequestOptions> {
      const at = address();
      return requestOptions(at, await challenges.issue({ purpose: "log-in", userId: 0 }, asker));
    },

    /**
     * Whose account it is: its id. Errors: `passkey_challenge_ended`, `passkey_unknown`, `passkey_refused`,
     * `passkeys_unavailable`.
     */
    identify: (shown: Shown, asker: Asker): Promise<number> => check(shown, "log-in", 0, asker),

    /** For one account's passkeys. Error: `passkeys_unavailable`. */
    async beginProof(
      { id: userId }: { readonly id: number },
      asker: Asker,
      purpose: OfAccount = "proof",
    ): Promise<RequestOptions> {
      const at = address();
      const allowed = await passkeysOf(db, userId);
      return requestOptions(at, await challenges.issue({ purpose, userId }, asker), allowed);
    },

    /** That it is the account's owner who asks. Errors: those of `identify`. */
    async prove(
      { id }: { readonly id: number },
      shown: Shown,
      asker: Asker,
      purpose: OfAccount = "proof",
    ): Promise<void> {
      await check(shown, purpose, id, asker);
    },
  };
}
