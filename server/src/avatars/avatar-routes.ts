import { Profile, type Profiles } from "../accounts/profile.ts";
import type { User } from "../accounts/record.ts";
import type { RateLimit } from "../engines/kv/rate-limit.ts";
import { AppError } from "../errors/errors.ts";
import { type CurrentUser, userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { limitRule, limits } from "../kernel/limits.ts";
import Type from "../kernel/schema/schema.ts";
import type { Avatars } from "./avatars.ts";
import type { ProviderPictures } from "./provider-pictures.ts";

export interface AvatarRoutesDeps {
  readonly avatars: Avatars;
  readonly providerPictures: ProviderPictures;
  readonly profiles: Profiles;
  readonly limit: Pick<RateLimit, "count">;
}

/** Of an upload, in bytes: a phone's photo has 3 to 6 MB. */
const uploadLimit = 8 * 1024 * 1024;
/** The name never stands for another picture; a picture that is erased is out of caches after this. */
const cacheSeconds = 86_400;
const rule = limitRule("avatars", limits.avatars.most);
const tags = ["account"];

/** /user/avatar/: the owner's picture; /avatars/…: everybody's view of it. */
export function avatarRoutes(api: Api, deps: AvatarRoutesDeps): void {
  const { avatars, providerPictures, profiles } = deps;
  // Before the body is read: who is beyond it doesn't send megabytes.
  const onRequest = async (request: { currentUser: CurrentUser | null }) => {
    if (request.currentUser !== null) await deps.limit.count(rule, String(request.currentUser.id));
  };
  const shown = (user: User, seen: CurrentUser) => profiles.of({ ...seen, ...user });

  api.register(async (raw) => {
    raw.removeAllContentTypeParsers();
    raw.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: uploadLimit },
      ({ headers }, bytes, done) => {
        fileIn(bytes as Buffer, headers["content-type"] ?? "").then((file) => done(null, file), done);
      },
    );
    raw.route({
      method: "PUT",
      url: "/user/avatar/",
      config: { auth: "required", takesFile: true },
      bodyLimit: uploadLimit,
      onRequest,
      schema: { summary: "Set the own picture: a JPEG, PNG, WebP or GIF", tags, response: { 200: Profile } },
      async handler(request) {
        const user = userOf(request);
        if (!(request.body instanceof Uint8Array)) throw new AppError("picture_unreadable");
        return shown(await avatars.set(user, request.body), user);
      },
    });
  });

  api.route({
    method: "PUT",
    url: "/user/avatar/provider/",
    config: { auth: "required" },
    onRequest,
    schema: {
      summary: "Take the own picture over from a third party that is bound",
      tags,
      body: Type.Object({ provider: Type.String({ maxLength: 32 }) }),
      response: { 200: Profile },
    },
    async handler(request) {
      const user = userOf(request);
      const bytes = await providerPictures.take(user.id, request.body.provider);
      return shown(await avatars.set(user, bytes), user);
    },
  });

  api.route({
    method: "DELETE",
    url: "/user/avatar/",
    config: { auth: "required" },
    schema: { summary: "Show no picture, nor a third party’s", tags, response: { 200: Profile } },
    async handler(request) {
      const user = userOf(request);
      return shown(await avatars.remove(user), user);
    },
  });

  pictureRoute(api, avatars);
}

function pictureRoute(api: Api, avatars: Avatars): void {
  api.route({
    method: "GET",
    url: "/avatars/:file",
    config: { auth: "ignored" },
    schema: {
      summary: "A picture, by the address that a profile has",
      tags,
      // Nobody puts the address together: it is in the profile.
      hide: true,
      params: Type.Object({ file: Type.String({ maxLength: 64 }) }),
    },
    async handler(request, reply) {
      const name = /^([\w-]{22})\.jpg$/.exec(request.params.file)?.[1];
      const picture = name === undefined ? null : await avatars.read(name);
      if (picture === null) throw new AppError("not_found");
      return reply
        .type("image/jpeg")
        .headers({
          "cache-control": `public, max-age=${cacheSeconds}, immutable`,
          // Opened as a page it is nothing but a picture, whatever a browser takes it for.
          "content-security-policy": "sandbox; default-src 'none'",
          // For the pages of every front end, whose origins nobody lists.
          "cross-origin-resource-policy": "cross-origin",
        })
        .send(picture);
    },
  });
}

/** The bytes of a body, or of the first file of a form; null for a form without one. Error: `malformed_form`. */
async function fileIn(bytes: Buffer, contentType: string): Promise<Buffer | null> {
  if (!/^multipart\/form-data\b/i.test(contentType)) return bytes;
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(bytes), { headers: { "content-type": contentType } }).formData();
  } catch {
    throw new AppError("malformed_form", { parameters: { reason: "Invalid boundary or part" } });
  }
  const file = [...form.values()].find((value) => typeof value !== "string");
  return file === undefined ? null : Buffer.from(await (file as File).arrayBuffer());
}
