import type { FastifyInstance, FastifyReply } from "fastify";
import type { ProviderTitle } from "./provider.ts";

/**
 * A provider's imitation for the sandbox, answer for answer as recorded. Only types: what the imitations share is
 * handed to them (sandbox/imitation-kit.ts), so that nothing of the sandbox is part of the product.
 */
export interface Imitation {
  /** Troubles of this provider alone, beside those that every one has. */
  readonly switches: readonly Switch[];
  /** Its calls, each of which can go wrong by itself. */
  readonly stages: readonly Stage[];
  /** Words in a picture's address that tell whose it is. */
  pictureMarks(person: Person): readonly string[];
  /** Adds its routes, all below `/<name>/` and `/<name>-api/`. */
  routes(app: FastifyInstance, kit: ImitationKit): void;
}

/** A trouble that a visitor or a test can order on the consent page. */
export interface Switch {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
}

export type Stage = "token" | "identity" | "profile";

/** One of the ready-made people, the same at every provider. Ids there are made of `number` and never change. */
export interface Person {
  readonly id: string;
  /** From 1. */
  readonly number: number;
  readonly about: ProviderTitle;
  readonly nickname: string;
  /** False where the profile has no name at all. */
  readonly hasName: boolean;
  readonly gender: "男" | "女";
  readonly emails: readonly Email[];
}

export interface Email {
  readonly email: string;
  readonly primary: boolean;
  readonly verified: boolean;
}

/** What a person allowed: it stays with its code and its token. */
export interface Grant {
  readonly person: Person;
  /** The switch; "" for none. */
  readonly chosen: string;
  readonly clientId: string;
  readonly redirectUri: string;
  /** PKCE challenge and OpenID Connect nonce, where the request had them. */
  readonly challenge: string | null;
  readonly nonce: string | null;
  /** Whether the person was to log in anew. */
  readonly isFresh: boolean;
}

export type CodeState = "good" | "unknown" | "used" | "expired";

export interface ImitationKit {
  /** The page that asks the person, and what follows from the answer. */
  consent(settings: ConsentSettings): void;
  /** Uses the code up. */
  redeem(code: string): { readonly state: CodeState; readonly grant: Grant | null };
  issueToken(grant: Grant, token: string): void;
  byToken(token: string): Grant | null;
  dropToken(token: string): void;
  /** Carries out a transport's trouble: true where the answer was given, or never will be. */
  misbehave(reply: FastifyReply, grant: Grant, stage: Stage): Promise<boolean>;
  /** RFC 7636 section 4.6. A grant without a challenge wants no verifier. */
  verifies(grant: Grant, verifier: string | undefined): boolean;
  /** The address with further parameters, in their order. */
  withQuery(address: string, parameters: Readonly<Record<string, string>>): string;
  /** Sends the browser back by a form that sends itself (OAuth 2.0 Form Post Response Mode). */
  postBack(
    reply: FastifyReply,
    request: AuthorizationRequest,
    fields: Readonly<Record<string, string>>,
  ): FastifyReply;
  /** An error page of the provider itself: nothing goes back to the site. */
  errorPage(reply: FastifyReply, request: AuthorizationRequest, text: string): FastifyReply;
}

export interface ConsentSettings {
  /** Below the provider's base address. */
  readonly paths: readonly string[];
  /** `client_id`, where the provider calls it by no other name. */
  readonly clientParameter: string;
  /** In the form of the provider's real codes. */
  readonly codeForm: (bytes: Buffer) => string;
  /** Set where it sends people back by a form: what is in it of the person, beside code and state. */
  readonly formOf?: (person: Person, request: AuthorizationRequest) => Readonly<Record<string, string>>;
  readonly onCancel: (reply: FastifyReply, request: AuthorizationRequest) => FastifyReply;
  /** The address is not the registered one. */
  readonly onMismatch: (reply: FastifyReply, request: AuthorizationRequest) => FastifyReply;
}

export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  /** The same by the name of this machine that the browser came by: where a form is sent. */
  readonly formAddress: string;
  readonly state: string;
  readonly challenge: string | null;
  readonly nonce: string | null;
  readonly isFresh: boolean;
  readonly language: "zh" | "en";
  /** A phone's browser, where some providers behave differently. */
  readonly phone: boolean;
}
