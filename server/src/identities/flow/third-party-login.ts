import { createHash } from "node:crypto";
import type { User } from "../../accounts/user-store.ts";
import type { Users } from "../../accounts/users.ts";
import type { Db } from "../../engines/database/database.ts";
import { type KeyValue, key } from "../../engines/kv/kv.ts";
import { createRateLimit } from "../../engines/kv/rate-limit.ts";
import { AppError, invalidFields } from "../../errors/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import { randomToken } from "../../kernel/ids.ts";
import { deriveKey, subjectOf } from "../../kernel/keys.ts";
import type { Log } from "../../kernel/log.ts";
import { createShares } from "../../kernel/shares.ts";
import {
  type Binding,
  findBinding,
  insertBinding,
  makeAlias,
  recordBindingLogIn,
} from "../bindings/binding-store.ts";
import {
  CodeRefused,
  type Identity,
  type Profile,
  type Provider,
  ProviderTrouble,
} from "../providers/provider.ts";
import type { KnownProvider, Providers } from "../providers/providers.ts";
import { newBrowserId } from "./browser-cookie.ts";
import { safeNext } from "./next-path.ts";
import { browserHash, type Flow, type States } from "./state.ts";
import type { Tickets } from "./ticket.ts";

/**
 * Log-in through a provider: sends the browser there and trades what it brings back, for the account that
 * the person is bound to or for a ticket that lets them choose one. Promises: only the provider's key finds
 * an account, never a nickname or an e-mail address; a provider that misbehaves ends as 503 within the time
 * limit; of several callbacks of one log-in one succeeds. No network inside a transaction.
 */
export interface ThirdPartyLogInDeps {
  readonly db: Db;
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Log;
  readonly users: Users;
  readonly providers: Providers;
  readonly states: States;
  readonly tickets: Tickets;
  /** "path": the original's `state = next`, for front ends that navigate to the state they get back. */
  readonly stateMode: "signed" | "path";
  /** Log-ins a client network may begin in an hour, each of which is kept for 10 minutes; 0 = unlimited. */
  readonly startLimit: number;
  readonly secretKey: string;
}

export interface CallbackInput {
  readonly provider: string;
  readonly code: string;
  readonly state: string;
  readonly issuer: string | null;
  /** The caller's network (kernel/client-address.ts). */
  readonly network: string;
  readonly browserId: string | null;
}

export type LogInResult =
  | { readonly kind: "user"; readonly user: User; readonly next: string }
  | { readonly kind: "ticket"; readonly ticket: string; readonly profile: Profile; readonly next: string };

/** What a callback proved: who it is, and what the flow was begun with. */
export interface Identified {
  readonly client: Provider;
  readonly identity: Identity;
  readonly next: string;
  readonly userId: number | null;
}

/**
 * Exchanges with providers at once; each may last 5 s and holds a request (attack: tying the server up). One client
 * may have a tenth of them, or it would tie up everybody's log-ins (guard: oauth-login.test.ts).
 */
const exchangeShares = { total: 200, perClient: 20, retryAfterSeconds: 5 };

export type ThirdPartyLogIn = ReturnType<typeof createThirdPartyLogIn>;

export function createThirdPartyLogIn(deps: ThirdPartyLogInDeps) {
  const { db, kv, clock, log, users, providers, states, tickets } = deps;
  const limit = createRateLimit(kv);
  const clientKey = deriveKey(deps.secretKey, "oauth limit");
  const exchanges = createShares(exchangeShares);

  function clientOf(name: string): Provider {
    const known = knownProvider(providers, name);
    if (known.client) return known.client;
    throw new AppError("provider_not_configured", {
      parameters: { ...titles(known), setting: known.setting },
    });
  }

  /**
   * The provider's page to send the browser to, and the id its cookie should carry. Errors: `not_found`,
   * `provider_not_configured`, `throttled`, `invalid_fields` for a `next` that is no path of the site, `provider_trouble`
   * when an OpenID Connect issuer can't be asked for its addresses.
   */
  async function begin(input: {
    provider: string;
    next: string;
    nextField: "next" | "state";
    browserId: string | null;
    userId: number | null;
    language: "zh" | "en";
    /** The caller's network (kernel/client-address.ts). */
    network: string;
  }): Promise<{ url: string; browserId: string }> {
    const client = clientOf(input.provider);
    const rule = { name: "oauth", limit: deps.startLimit, windowSeconds: 3600 };
    await limit.count(rule, subjectOf(clientKey, input.network));
    const next = safeNext(input.next);
    if (next === null) throw invalidFields({ field: input.nextField, code: "unsafe_next" });
    const browserId = input.browserId ?? newBrowserId();
    const { language } = input;
    if (deps.stateMode === "path") {
      const url = await guarded(client, input.network, () =>
        client.authorizationUrl({ state: next, secrets: null, language }),
      );
      return { url, browserId };
    }
    const secrets = { codeVerifier: randomToken(32), nonce: randomToken(16) };
    const state = await states.issue({
      provider: client.name,
      next,
      secrets,
      browser: browserHash(browserId),
      strict: input.browserId !== null,
      userId: input.userId,
    });
    return {
      url: await guarded(client, input.network, () => client.authorizationUrl({ state, secrets, language })),
      browserId,
    };
  }

  /** Errors: `oauth_state_invalid`, `oauth_code_refused`, `provider_trouble`, `busy`. */
  async function identify(input: CallbackInput): Promise<Identified> {
    const client = clientOf(input.provider);
    const { code, issuer, network } = input;
    if (deps.stateMode === "path") {
      const next = safeNext(input.state || "/");
      if (next === null) throw invalidFields({ field: "state", code: "unsafe_next" });
      const identity = await oneAtATime(client.name, code, () =>
        guarded(client, network, () => client.identify({ code, issuer, secrets: null })),
      );
      return { client, identity, next, userId: null };
    }
    const flow: Flow = await states.redeem(input.state, {
      provider: client.name,
      browserId: input.browserId,
    });
    const identity = await guarded(client, network, () =>
      client.identify({ code, issuer, secrets: flow.secrets }),
    );
    return { client, identity, next: flow.next, userId: flow.userId };
  }

  /** Further errors: `account_unavailable` for a disabled account. */
  async function finish(input: CallbackInput): Promise<LogInResult> {
    const { client, identity, next, userId } = await identify(input);
    const binding = await bindingOf(client.name, identity.keys);
    if (binding !== null) {
      const user = await users.byId(binding.user_id);
      if (user === null || user.is_active === 0) throw new AppError("account_unavailable");
      if (binding.account_key !== identity.keys[0]) await upgrade(binding, identity.keys[0]);
      const now = clock.now();
      await recordBindingLogIn(db, client.name, identity.keys[0], now);
      await users.recordLogIn(user.id);
      return { kind: "user", user, next };
    }
    const profile = await profileOf(client, identity, input.network);
    const ticket = await tickets.issue({ provider: client.name, keys: identity.keys, profile, userId });
    return { kind: "ticket", ticket, profile, next };
  }

  /**
   * What the provider says of the person, or nothing where it fails to say it: who they are is proved already, and a
   * nickname must not decide whether they get in (the original never asked for one). Error: `busy`.
   */
  async function profileOf(client: Provider, identity: Identity, network: string): Promise<Profile> {
    try {
      return await guarded(client, network, () => identity.profile());
    } catch (error) {
      if (!(error instanceof AppError && error.code === "provider_trouble")) throw error;
      log.warn(
        { err: error.cause, errorCode: error.code, provider: client.name },
        "a log-in goes on without the person's profile",
      );
      return { nickname: null, avatar: null, verifiedEmail: null };
    }
  }

  async function bindingOf(provider: string, keys: Identity["keys"]): Promise<Binding | null> {
    for (const accountKey of keys) {
      const binding = await findBinding(db, provider, accountKey);
      if (binding) return binding;
    }
    return null;
  }

  /**
   * The unionid has been granted since the binding was made: it becomes the key, and the openid stays as an
   * alias, so that the binding survives the permission's being withdrawn again.
   *
   * `seen` was read without a lock. The owner may have removed it since, and a copy of it would bring it back
   * (guard: oauth-bind.race.test.ts), so it is read anew under the account's lock, as removals take it.
   */
  async function upgrade(seen: Binding, best: string): Promise<void> {
    const { provider, account_key: old, user_id } = seen;
    await db.transaction(async (transaction) => {
      if ((await users.lock(transaction, user_id)) === null) return;
      const present = await findBinding(transaction, provider, old);
      if (present?.user_id !== user_id) return;
      // Another log-in of the same person may have been faster; then it is done already.
      if (await insertBinding(transaction, { ...present, account_key: best, is_alias: 0 })) {
        await makeAlias(transaction, provider, old);
      }
    });
  }

  /**
   * Without a single-use state two deliveries of one callback would race to the provider; the second is
   * refused while the first is under way, and by the provider afterwards.
   */
  async function oneAtATime<Result>(
    provider: string,
    code: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const digest = createHash("sha256").update(`${provider}:${code}`).digest("base64url");
    const lock = key("once", digest);
    if ((await kv.add(lock, "1", 30)).refused) throw new AppError("oauth_code_refused");
    try {
      return await work();
    } finally {
      await kv.delete(lock).catch((error: unknown) => {
        log.debug({ err: error }, "the lock of a used code stays until it expires");
      });
    }
  }

  /** Runs a provider's call and says what its failure means to the visitor. */
  async function guarded<Result>(
    client: Provider,
    network: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await exchanges.run(network, work);
    } catch (cause) {
      if (cause instanceof CodeRefused) throw new AppError("oauth_code_refused", { cause });
      if (cause instanceof ProviderTrouble) {
        throw new AppError("provider_trouble", { cause, parameters: titles(client), retryAfterSeconds: 5 });
      }
      throw cause;
    }
  }

  return { begin, identify, profileOf, finish };
}

/** Error: `not_found`. */
export function knownProvider(providers: Providers, name: string): KnownProvider {
  const known = providers.find(name);
  if (!known) throw new AppError("not_found");
  return known;
}

/** Parameters of error texts that name a provider, in both languages. */
export function titles({ title }: Pick<KnownProvider, "title">): { provider: string; providerEn: string } {
  return { provider: title.zh, providerEn: title.en };
}
