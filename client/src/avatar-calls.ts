/** The own picture. Where it is had: `avatar_url` of {@link currentUser}; null where initials are to be drawn. */

import type { EndpointCall } from "./endpoint.ts";
import type { FileBody } from "./exchange.ts";
import type { CallOptions } from "./transport.ts";

export function avatarCalls(call: EndpointCall) {
  return {
    /** A JPEG, PNG, WebP or GIF of 8 MB at most; a mini program gives its bytes. The middle square of it is shown. */
    setAvatar: (file: FileBody, more?: CallOptions) =>
      call("PUT /user/avatar/", { file, authenticated: true }, more),

    /** Takes the picture over from a third party that is bound. */
    takeOverAvatar: (provider: string, more?: CallOptions) =>
      call("PUT /user/avatar/provider/", { body: { provider }, authenticated: true }, more),

    /** Shows none, nor a third party's. */
    removeAvatar: (more?: CallOptions) => call("DELETE /user/avatar/", { authenticated: true }, more),
  };
}
