"""Makes pictures/: pictures by encoders that are not ours, all of one scene, for picture-decoder.test.ts.

Run by hand, with Pillow 12 (libjpeg-turbo, zlib, libwebp, its own GIF):

    python3 server/test/vectors/make-pictures.py

The scene is 96 x 64: blue, yellow in the upper left quarter of the middle square, green in its lower right. `vips-*` are of
sharp 0.35 (libvips with libspng, mozjpeg's scans and libwebp), made of pillow.png:

    sharp("pillow.png").png({ progressive: true }).toFile("vips-interlaced.png")
    sharp("pillow.png").toColourspace("rgb16").png().toFile("vips-16-bit.png")
    sharp("pillow.png").withMetadata({ icc: "p3" }).jpeg({ mozjpeg: true }).toFile("vips-mozjpeg-p3.jpg")
    sharp("pillow.png").webp({ effort: 6 }).toFile("vips.webp")
    sharp("pillow.png").gif().toFile("vips.gif")
"""

from pathlib import Path

from PIL import Image, ImageDraw

here = Path(__file__).parent / "pictures"
here.mkdir(exist_ok=True)


def scene() -> Image.Image:
    image = Image.new("RGB", (96, 64), (0, 0, 255))
    draw = ImageDraw.Draw(image)
    draw.rectangle((16, 0, 47, 31), fill=(255, 255, 0))
    draw.rectangle((48, 32, 79, 63), fill=(0, 160, 0))
    return image


plain = scene()
other = plain.point(lambda value: 255 - value)
plain.save(here / "pillow.png")
plain.convert("P", palette=Image.Palette.ADAPTIVE).save(here / "pillow-palette.png")
plain.save(here / "pillow.jpg", quality=90)
plain.save(here / "pillow-progressive.jpg", progressive=True, quality=90)
plain.convert("CMYK").save(here / "pillow-cmyk.jpg", quality=95)
plain.save(here / "pillow.webp", quality=85)
plain.save(here / "pillow-lossless.webp", lossless=True)
plain.convert("P").save(here / "pillow.gif")
animated = {"save_all": True, "duration": 100, "loop": 0}
plain.convert("P").save(here / "pillow-animated.gif", append_images=[other.convert("P")], **animated)
plain.save(here / "pillow-animated.webp", append_images=[other], **animated)
plain.save(here / "pillow-animated.png", append_images=[other], **animated)

# Nothing of it is behind the hole: magenta, which nobody may see.
holed = plain.convert("RGBA")
ImageDraw.Draw(holed).rectangle((16, 32, 47, 63), fill=(255, 0, 255, 0))
holed.save(here / "pillow-hole.png")
holed.save(here / "pillow-hole.webp", lossless=True, exact=True)

for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCamera"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (31.0, 14.0, 5.0), "E", (121.0, 28.0, 9.0)
    plain.save(here / f"pillow-exif-{orientation}.jpg", exif=exif, quality=90, comment=b"secret comment")
