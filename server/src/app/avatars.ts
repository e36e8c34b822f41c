import type { AvatarUrl, Profiles } from "../accounts/profile.ts";
import type { Users } from "../accounts/users.ts";
import { isOwnAvatar } from "../avatars/avatar-owners.ts";
import { avatarRoutes } from "../avatars/avatar-routes.ts";
import { createAvatars } from "../avatars/avatars.ts";
import { createDatabasePictures } from "../avatars/database-pictures.ts";
import { createPictureDecoder } from "../avatars/picture-decoder.ts";
import { createProviderPictures } from "../avatars/provider-pictures.ts";
import type { PicturePlaces } from "../avatars/read-picture.ts";
import { createS3Pictures } from "../avatars/s3-pictures.ts";
import { parseStoreUrl } from "../avatars/store-url.ts";
import type { Config } from "../config/config.ts";
import type { Db } from "../engines/database/database.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import { type OutgoingHttp, outgoingHttp } from "../engines/outgoing-http.ts";
import type { Events } from "../events/events.ts";
import { guardedHttp } from "../hooks/guarded-agent.ts";
import type { Api } from "../http/server.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { Providers } from "../identities/providers/providers.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { addressBelow } from "../kernel/public-address.ts";
import { createPictureUrl, type FetchPicture } from "../site/avatar-proxy.ts";
import { fetchPicturesBy } from "../site/picture-fetch.ts";

export interface AvatarDeps {
  readonly db: Db;
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Log;
  readonly users: Users;
  readonly events: Events;
  /** A test's, in place of what reaches third parties. */
  readonly fetchPicture?: FetchPicture | undefined;
}

/** Where pictures lie, by AVATAR_STORE; those that were there before it was set are still in the database. */
export function openPictures(config: Config, db: Db): PicturePlaces & { close(): Promise<void> } {
  const database = createDatabasePictures(db);
  const http = outgoingHttp(config.outgoingProxy);
  const s3 =
    config.avatarStore === null ? null : createS3Pictures(parseStoreUrl(config.avatarStore), { http });
  return { store: s3 ?? database, storeOf: (name) => ({ database, s3 })[name], close: http.close };
}

/** Where a profile says that its picture is. What a third party has is shown until the owner chooses. */
export function avatarUrlOf(
  config: Pick<Config, "publicApiUrl" | "publicSiteUrl">,
  providers: Pick<Providers, "all">,
): AvatarUrl {
  const hosts = providers.all.flatMap(({ pictureHosts }) => pictureHosts);
  const ofThirdParty = createPictureUrl(config.publicSiteUrl, hosts);
  return ({ avatar = null, provider_avatar: theirs }) => {
    if (isOwnAvatar(avatar)) return addressBelow(config.publicApiUrl, `/avatars/${avatar}.jpg`);
    return avatar === null && theirs ? ofThirdParty(theirs) : null;
  };
}

/** Pictures of people: where they lie, who may show which, and how they come from third parties. */
export function createAvatarParts(config: Config, deps: AvatarDeps) {
  const places = openPictures(config, deps.db);
  const avatars = createAvatars({ ...deps, ...places, decode: createPictureDecoder() });
  let guarded: Promise<OutgoingHttp> | null = null;
  // Their hosts are of the list, and still no name of theirs may lead into this network.
  const openGuarded = () => {
    guarded ??= guardedHttp({
      ...{ privateHosts: [], timeoutMillis: 5000, proxy: config.outgoingProxy, setting: "NO_PROXY" },
    });
    return guarded;
  };
  return {
    avatars,
    addRoutes(
      api: Api,
      parts: { readonly profiles: Profiles; readonly bindings: Bindings; readonly providers: Providers },
    ): void {
      const fetchPicture = deps.fetchPicture ?? fetchPicturesBy(async () => (await openGuarded()).client());
      const providerPictures = createProviderPictures({ ...deps, ...parts, fetchPicture });
      const limit = createRateLimit(deps.kv);
      avatarRoutes(api, { avatars, providerPictures, profiles: parts.profiles, limit });
    },
    async close(): Promise<void> {
      await places.close();
      await (await guarded)?.close();
    },
  };
}
