import { readTool } from "./read-options.ts";

/** `npm run build`: the site into web/dist, where its sources have changed; with --force in any case. */
readTool("build");
await import("../server/src/site/build-site-main.ts");
