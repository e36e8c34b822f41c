/** `npm run build`: the site into web/dist, where its sources have changed; with --force in any case. */
import "../server/src/site/build-site-main.ts";
