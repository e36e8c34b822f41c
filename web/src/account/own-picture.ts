/** What stands for somebody, and bringing a photo down before it is sent. */
import type { CurrentUser } from "@meiduo/client";
import { siteConfig } from "../api.ts";

/** Twice what the API keeps: it makes the last step itself. */
const side = 640;
/** Of what the browser can't bring down; the API takes no more. */
const mostBytes = 8 * 1024 * 1024;

/** Where the picture is had: from the API, as this page reaches it; a third party's from the site itself, wherever that stands. */
export function pictureOf({ avatar_url: address }: Pick<CurrentUser, "avatar_url">): string | null {
  if (!address) return null;
  const { pathname, search } = new URL(address);
  const own = /\/avatars\/[\w-]+\.jpg$/.exec(pathname);
  return own === null ? pathname + search : siteConfig().apiUrl.replace(/\/+$/, "") + own[0];
}

/** The first sign of what people call them. */
export function initialOf({ nickname, username }: Pick<CurrentUser, "nickname" | "username">): string {
  const [first = ""] = nickname || username;
  return first.toUpperCase();
}

/**
 * The middle of the picture as a small JPEG: faster on a phone, and what the camera noted stays there. The file itself where this
 * browser can't read it: the API says what is wrong with it. Null where that is larger than it takes.
 */
export async function broughtDown(file: File): Promise<Blob | null> {
  const made = await drawn(file).catch(() => null);
  const sent = made ?? file;
  return sent.size > mostBytes ? null : sent;
}

async function drawn(file: File): Promise<Blob | null> {
  const image = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  if (pen === null) return null;
  // A JPEG has no holes.
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, side, side);
  const shorter = Math.min(image.width, image.height);
  const [left, top] = [(image.width - shorter) / 2, (image.height - shorter) / 2];
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, left, top, shorter, shorter, 0, 0, side, side);
  image.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
}
