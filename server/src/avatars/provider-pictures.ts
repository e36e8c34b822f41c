import { AppError } from "../errors/errors.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { Providers } from "../identities/providers/providers.ts";
import type { Log } from "../kernel/log.ts";
import { allowedAvatar, type FetchPicture, fetchAvatar } from "../site/avatar-proxy.ts";

/**
 * The picture that a bound third party has of the owner, fetched when the owner says so and never by itself. Only https, only the
 * hosts that the provider's folder names, only public addresses, no redirect, half a megabyte, five seconds
 * (site/avatar-proxy.ts); what comes is read as any upload.
 */
export interface ProviderPicturesDeps {
  readonly bindings: Pick<Bindings, "list">;
  readonly providers: Pick<Providers, "find">;
  readonly fetchPicture: FetchPicture;
  readonly log: Pick<Log, "info">;
}

export type ProviderPictures = ReturnType<typeof createProviderPictures>;

export function createProviderPictures({ bindings, providers, fetchPicture, log }: ProviderPicturesDeps) {
  return {
    /** Errors: `not_found` where it is not bound, `picture_not_there` where it has none, or none that can be had now. */
    async take(userId: number, name: string): Promise<Buffer> {
      const provider = providers.find(name);
      const bound = await bindings.list(userId);
      const mine = bound.filter((binding) => binding.provider === (provider?.name ?? name));
      if (mine.length === 0) throw new AppError("not_found");
      const address = mine.find(({ avatar }) => avatar !== null)?.avatar;
      const url = allowedAvatar(address, provider?.pictureHosts ?? []);
      const picture =
        url &&
        (await fetchAvatar(url, fetchPicture).catch((error: unknown) => {
          log.info({ err: error, provider: provider?.name }, "no picture of the third party");
          return null;
        }));
      if (!picture) throw new AppError("picture_not_there");
      return picture.content;
    },
  };
}
