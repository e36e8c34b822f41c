import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import { clientNetworks } from "../kernel/client-address.ts";
import Type from "../kernel/schema/schema.ts";
import { isPictureId, type PictureCodes } from "./picture-codes.ts";

/**
 * GET /image_codes/<uuid>/: a picture code for the id that the page made up, which comes back with what was read in it. Open to
 * everybody, as an <img> shows nothing; no cache keeps it, as of every answer (http/server.ts).
 */
export function pictureRoutes(api: Api, { pictures }: { readonly pictures: PictureCodes }): void {
  for (const url of ["/image_codes/:id/", "/image_code/:id/"]) {
    api.route({
      method: "GET",
      url,
      // A HEAD asks about an answer and does nothing; this GET replaces the picture.
      exposeHeadRoute: false,
      config: { auth: "ignored" },
      schema: {
        summary: "A picture code",
        tags: ["classic"],
        hide: url.startsWith("/image_code/"),
        params: Type.Object({ id: Type.String({ maxLength: 200, check: () => null }) }),
      },
      async handler(request, reply) {
        const { id } = request.params;
        if (!isPictureId(id)) throw new AppError("not_found");
        const picture = await pictures.draw(id, clientNetworks(request.ip));
        return reply.type("image/png").send(picture);
      },
    });
  }
}
