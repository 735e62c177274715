import { PageFailure } from "../page-failure.ts";

/** Wide enough for a texture, small enough for a phone. */
const WANTED = { facingMode: "user", width: { ideal: 960 }, height: { ideal: 720 } } as const;

/**
 * Asks for the camera that faces the person.
 *
 * @throws PageFailure "no-camera" or "camera-denied"
 */
export async function openCamera(): Promise<MediaStream> {
  const devices = navigator.mediaDevices;
  if (!devices) throw new PageFailure("no-camera", "no mediaDevices");
  try {
    return await devices.getUserMedia({ video: WANTED, audio: false });
  } catch (cause) {
    const { name, message } = cause as DOMException;
    const denied = name === "NotAllowedError" || name === "SecurityError";
    throw new PageFailure(denied ? "camera-denied" : "no-camera", message);
  }
}

/** Lets the camera go, and its light with it. */
export function closeCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
