import { type KeyValue, key } from "../../engines/kv/kv.ts";
import { countedNetworks, createNetworkLimit } from "../../engines/kv/network-limit.ts";
import { AppError, invalidFields } from "../../errors/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import { secretDigest } from "../../kernel/digest.ts";
import { randomToken } from "../../kernel/ids.ts";
import { deriveKey } from "../../kernel/keys.ts";
import { limitRule } from "../../kernel/limits.ts";
import type { Log } from "../../kernel/log.ts";
import { createShares } from "../../kernel/shares.ts";
import type { Language } from "../../words/language.ts";
import { knownProvider, titles } from "../providers/known-provider.ts";
import {
  CodeRefused,
  type Identity,
  LogInNotFresh,
  type Profile,
  type Provider,
  ProviderTrouble,
} from "../providers/provider.ts";
import type { Providers } from "../providers/providers.ts";
import { newBrowserId } from "./browser-cookie.ts";
import { safeNext, safeNextOn } from "./next-path.ts";
import { browserHash, type Flow, type States } from "./state.ts";
import type { Tickets } from "./ticket.ts";

/**
 * The way to a provider and back: sends the browser there and trades what it brings back for the person's keys, and
 * those of somebody unknown for a ticket that lets them choose an account. sign-in/ finds out whose account it is.
 * Promises: a provider that misbehaves ends as 503 within the time limit; of several callbacks of one log-in one
 * succeeds.
 */
export interface ThirdPartyLogInDeps {
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Log;
  readonly providers: Providers;
  readonly states: States;
  readonly tickets: Tickets;
  /** What the third party gave to be revoked with, encrypted; null where it gave nothing (bindings/grants.ts). */
  readonly grants: { sealed(provider: string, identity: Identity): string | null };
  /** "path": the original's `state = next`, for front ends that navigate to the state they get back. */
  readonly stateMode: "signed" | "path";
  /** Where `next` may lead beside the site's own paths. */
  readonly returnOrigins: readonly string[];
  /** Log-ins a client network may begin in an hour, each of which is kept for 10 minutes; 0 = unlimited. */
  readonly startLimit: number;
  readonly widerNetworkFactor: number;
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

/** What a callback proved: who it is, and what the flow was begun with. */
export interface Identified {
  readonly client: Provider;
  readonly identity: Identity;
  readonly next: string;
  readonly userId: number | null;
  /** Absent where it was begun to log in or to add a binding: neither may be finished by a callback of the other. */
  readonly purpose?: Flow["purpose"];
}

/**
 * Exchanges with providers at once; each may last 5 s and holds a request (attack: tying the server up). One client
 * may have a tenth of them, or it would tie up everybody's log-ins (guard: oauth-login.test.ts).
 */
const exchangeShares = { total: 200, perClient: 20, retryAfterSeconds: 5 };

export type ThirdPartyLogIn = ReturnType<typeof createThirdPartyLogIn>;

export function createThirdPartyLogIn(deps: ThirdPartyLogInDeps) {
  const { kv, log, providers, states, tickets } = deps;
  const limit = createNetworkLimit(kv, deps.widerNetworkFactor);
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
   * `provider_not_configured`, `throttled`, `invalid_fields` for a `next` that is no path of the site nor on an origin of `returnOrigins`, `provider_trouble`
   * when an OpenID Connect issuer can't be asked for its addresses.
   */
  async function begin(input: {
    provider: string;
    next: string;
    nextField: "next" | "state";
    browserId: string | null;
    userId: number | null;
    purpose?: Flow["purpose"];
    language: Language;
    /** The caller's networks (kernel/client-address.ts). */
    network: string;
    wider: string | null;
  }): Promise<{ url: string; browserId: string }> {
    const client = clientOf(input.provider);
    await limit.countAll([limitRule("oauth", deps.startLimit)], countedNetworks(clientKey, input));
    const next = safeNextOn(input.next, deps.returnOrigins);
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
      ...(input.purpose !== undefined && { purpose: input.purpose, begunAt: deps.clock.now() }),
    });
    // Who proves themselves there is to be asked, and not only recognised by a cookie of theirs.
    const isFresh = input.purpose === "reauthentication";
    const url = await guarded(client, input.network, () =>
      client.authorizationUrl({ state, secrets, language, isFresh }),
    );
    return { url, browserId };
  }

  /** Errors: `oauth_state_invalid`, `oauth_code_refused`, `provider_log_in_old`, `provider_trouble`, `busy`. */
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
    const { next, userId, purpose, begunAt } = flow;
    const since = purpose === "reauthentication" && begunAt !== undefined ? { freshSince: begunAt } : {};
    const identity = await guarded(client, network, () =>
      client.identify({ code, issuer, secrets: flow.secrets, ...since }),
    );
    return { client, identity, next, userId, ...(purpose !== undefined && { purpose }) };
  }

  /** For somebody whom no account is bound to. Error: `busy`. */
  async function ticketFor(
    { client, identity, userId }: Identified,
    network: string,
  ): Promise<{ ticket: string; profile: Profile }> {
    const profile = await profileOf(client, identity, network);
    const grant = deps.grants.sealed(client.name, identity);
    const content = { provider: client.name, keys: identity.keys, profile, userId };
    const ticket = await tickets.issue({ ...content, grant });
    return { ticket, profile };
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

  /**
   * Without a single-use state two deliveries of one callback would race to the provider; the second is
   * refused while the first is under way, and by the provider afterwards.
   */
  async function oneAtATime<Result>(
    provider: string,
    code: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const lock = key("once", secretDigest(`${provider}:${code}`));
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
      if (cause instanceof LogInNotFresh) {
        throw new AppError("provider_log_in_old", { cause, parameters: titles(client) });
      }
      if (cause instanceof ProviderTrouble) {
        throw new AppError("provider_trouble", { cause, parameters: titles(client), retryAfterSeconds: 5 });
      }
      throw cause;
    }
  }

  return { begin, identify, profileOf, ticketFor };
}
