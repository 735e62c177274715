import { turnByDrag, type View, zoom } from "./orbit.ts";

export interface FollowPointersOptions {
  /** Whether a point of the window lies on what is turned. */
  readonly isOn: (x: number, y: number) => boolean;
  readonly change: (next: (view: View) => View) => void;
}

/**
 * Turns drags, pinches and the wheel over an element into changes of the view.
 *
 * A finger on the head turns it, both ways; one beside it scrolls the page, as everywhere else. Two
 * fingers zoom it wherever they are. The wheel zooms on the head and scrolls beside it.
 */
export function followPointers(element: HTMLElement, options: FollowPointersOptions): void {
  const { isOn, change } = options;
  const down = new Map<number, PointerEvent>();
  /** A finger beside the head is the page's, also while it has not moved far enough to scroll. */
  const isOurs = ({ pointerType, clientX, clientY }: PointerEvent): boolean =>
    pointerType !== "touch" || isOn(clientX, clientY);
  let turning: number | undefined;

  // The browser scrolls with a touch whose start nobody has claimed, and cancels its pointer.
  element.addEventListener(
    "touchstart",
    (event) => {
      const [finger] = event.touches;
      if (event.touches.length > 1 || (finger && isOn(finger.clientX, finger.clientY))) {
        event.preventDefault();
        element.focus({ preventScroll: true });
      }
    },
    { passive: false },
  );
  element.addEventListener("pointerdown", (event) => {
    down.set(event.pointerId, event);
    if (isOurs(event)) turning = event.pointerId;
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    const last = down.get(event.pointerId);
    if (!last) return;
    const before = spread(down);
    down.set(event.pointerId, event);
    if (down.size === 1 && turning === event.pointerId) {
      const [dx, dy] = [event.clientX - last.clientX, event.clientY - last.clientY];
      change((view) => turnByDrag(view, dx, dy));
    }
    if (down.size > 1 && before > 0) {
      const factor = before / spread(down);
      change((view) => zoom(view, factor));
    }
  });
  for (const name of ["pointerup", "pointercancel"] as const) {
    element.addEventListener(name, (event) => down.delete(event.pointerId));
  }
  element.addEventListener(
    "wheel",
    (event) => {
      // A pinch on a trackpad comes as a wheel with Control.
      if (!event.ctrlKey && !isOn(event.clientX, event.clientY)) return;
      event.preventDefault();
      change((view) => zoom(view, Math.exp(Math.sign(event.deltaY) * 0.08)));
    },
    { passive: false },
  );
}

/** Distance of the first two fingers, pixels. */
function spread(pointers: ReadonlyMap<number, PointerEvent>): number {
  const [a, b] = [...pointers.values()];
  return a && b ? Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) : 0;
}
