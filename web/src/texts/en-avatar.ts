/** The own picture; a part of en.ts. */
export const avatar = {
  title: "Picture",
  lead: "Other people see this picture.",
  none: "No picture yet: your initial is shown.",
  choose: "Choose a picture",
  takeOver: "Use the one of {provider}",
  remove: "Remove the picture",
  hint: "A JPEG, PNG, WebP or GIF; its middle square is shown. Where a photo was taken is not kept, nor anything else the camera noted.",
  set: "The picture is changed.",
  removed: "The picture is removed.",
  tooLarge: "The picture is too large: 8 MB at most.",
};
