import { buildSite } from "./build-site.ts";

/** The process that builds the site: of `buildSiteApart`, and of `npm run build`. `--force` builds in any case. */

// What the surroundings have in it would make a development build of it.
process.env.NODE_ENV = "production";
const { built } = await buildSite(process.argv.includes("--force"));
process.stdout.write(built ? "web/dist is built.\n" : "web/dist is current.\n");
