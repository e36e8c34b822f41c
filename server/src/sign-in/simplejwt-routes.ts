import type { KnownDevices } from "../devices/known-devices.ts";
import type { ErrorCode } from "../errors/error-codes.ts";
import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import { clientNetwork } from "../kernel/client-address.ts";
import Type from "../kernel/schema/schema.ts";
import type { Refresh } from "../sessions/refresh.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Tokens } from "../sessions/tokens.ts";
import type { Door } from "./complete.ts";
import type { LogIn } from "./log-in.ts";
import { tokensOf } from "./refresh-field.ts";

/**
 * The four paths of djangorestframework-simplejwt with its answers, so that a front end written for it works as it is.
 * Behind them are the same door, sessions and refresh tokens. Only here the recorded answers of simplejwt hold; errors
 * that it has not (429, 503) are answered as everywhere.
 */
export interface SimplejwtRoutesDeps {
  readonly logIn: LogIn;
  readonly door: Door;
  readonly devices: KnownDevices;
  readonly refresh: Refresh;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly rotates: boolean;
}

const anyText = { maxLength: 4096, check: () => null };
const LogInBody = Type.Object({
  username: Type.String({ ...anyText, maxLength: 254 }),
  password: Type.String({ maxLength: 4096, trim: false }),
});
const RefreshBody = Type.Object({ refresh: Type.String(anyText) });
const TokenBody = Type.Object({ token: Type.String(anyText) });
const nothing = { 200: Type.Object({}) };

export function simplejwtRoutes(api: Api, deps: SimplejwtRoutesDeps): void {
  const { logIn, door, devices, refresh, sessions, tokens, rotates } = deps;
  // Each mall's urls.py chose its own; `/api/token/` is that of simplejwt's documentation.
  for (const prefix of ["/token/", "/api/token/"]) {
    const post = { method: "POST", config: { auth: "ignored" } } as const;
    const schema = { tags: ["simplejwt"], hide: true };

    api.route({
      ...{ ...post, url: prefix },
      schema: {
        ...{ ...schema, summary: "simplejwt: log in", body: LogInBody },
        response: { 200: Type.Object({ refresh: Type.String(), access: Type.String() }) },
      },
      async handler(request, reply) {
        const { username, password } = request.body;
        const asker = await devices.askerOf(request);
        const proved = await translated(logIn.prove(username, password, asker), {
          wrong_credentials: "simplejwt_no_account",
        });
        const wish = { refresh: true, shown: request.headers.authorization };
        const session = await translated(door.complete(proved, asker, wish), {
          second_factor_required: "simplejwt_second_factor",
          second_factor_enrolment_required: "simplejwt_enrolment",
        });
        const { token: access, refresh_token: refresh = "" } = tokensOf(session, reply);
        return { refresh, access };
      },
    });

    api.route({
      ...{ ...post, url: `${prefix}refresh/` },
      schema: {
        ...{ ...schema, summary: "simplejwt: renew", body: RefreshBody },
        response: { 200: Type.Object({ access: Type.String(), refresh: Type.String() }) },
      },
      async handler(request) {
        const asker = await devices.askerOf(request);
        const token = request.body.refresh;
        const renewed = await renewalOf(door.refresh(token, asker, { rotates }), token);
        return { access: renewed.token, refresh: renewed.refreshToken ?? "" };
      },
    });

    api.route({
      ...{ ...post, url: `${prefix}verify/` },
      schema: { ...schema, summary: "simplejwt: is it good?", body: TokenBody, response: nothing },
      async handler(request) {
        const { token } = request.body;
        if (typeOf(token) === "refresh") {
          await translated(renewalOf(refresh.check(token, clientNetwork(request.ip)), token), {
            simplejwt_blacklisted: "simplejwt_verified_blacklisted",
          });
        } else {
          await translated(tokens.authenticate(token), {
            ...{ token_expired: "simplejwt_expired", token_undecodable: "simplejwt_invalid" },
            ...{ token_refused: "simplejwt_invalid", token_payload: "simplejwt_invalid" },
            ...{ token_unknown_user: "simplejwt_account_gone", account_disabled: "simplejwt_account_gone" },
          });
        }
        return {};
      },
    });

    api.route({
      ...{ ...post, url: `${prefix}blacklist/` },
      schema: { ...schema, summary: "simplejwt: log out", body: RefreshBody, response: nothing },
      async handler(request) {
        const token = request.body.refresh;
        const { userId, sessionId } = await renewalOf(refresh.check(token, clientNetwork(request.ip)), token);
        await translated(sessions.end(userId, sessionId, "log_out"), { not_found: "simplejwt_blacklisted" });
        return {};
      },
    });
  }
}

type Translation = Readonly<Partial<Record<ErrorCode, ErrorCode>>>;

/** A refused refresh token under simplejwt's words. */
async function renewalOf<Result>(work: Promise<Result>, token: string): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "refresh_token_reused") throw new AppError("simplejwt_blacklisted", { cause: error });
    if (error.code !== "refresh_token_invalid") throw error;
    const { reason } = error.parameters;
    const foreign = typeOf(token) === "access" ? "simplejwt_wrong_type" : "simplejwt_invalid";
    const codes = {
      gone: "simplejwt_account_gone",
      ended: "simplejwt_blacklisted",
      expired: "simplejwt_expired",
      foreign,
    } as const;
    throw new AppError(codes[reason as keyof typeof codes], { cause: error });
  }
}

/** What it says that it is, unchecked: chooses among words of refusal, and nothing else. */
function typeOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).token_type;
  } catch {
    return null;
  }
}

async function translated<Result>(work: Promise<Result>, codes: Translation): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof AppError ? codes[error.code] : undefined;
    if (code === undefined) throw error;
    const { answer, parameters } = error as AppError;
    throw new AppError(code, { cause: error, answer, parameters });
  }
}
