// The one place between decoding and drawing: every picture that will ever be seen passes through here. A mark that
// names the terminal belongs here (rows BT-11); until it comes, pictures pass as they are.

/** Takes over a decoded picture and gives back the one to draw, which the caller then owns: closing whatever it does not hand on is its duty. */
export type PictureTransform = (picture: VideoFrame, frame: number) => VideoFrame;

/** Pictures as they were decoded. */
export const unchangedPictures: PictureTransform = (picture) => picture;
