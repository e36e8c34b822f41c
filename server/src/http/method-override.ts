import type { IncomingMessage } from "node:http";

/**
 * Lets those send a PATCH who can't: mini programs' wx.request knows no such method. They send a POST with
 * `X-HTTP-Method-Override: PATCH`. No other method is replaced, and none by another.
 *
 * Everything that follows sees a PATCH: routes, rights, limits and the log. So the header opens nothing, but what stands
 * in front and refuses PATCH does not see one (docs/threats.md). Pages of other origins can't send it, since
 * cors.ts doesn't list it.
 */
export function takeMethodFromHeader(request: IncomingMessage): void {
  if (request.method === "POST" && request.headers["x-http-method-override"] === "PATCH") {
    request.method = "PATCH";
  }
}
