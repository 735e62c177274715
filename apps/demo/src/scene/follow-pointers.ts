import { turnByDrag, type View, zoom } from "./orbit.ts";

/** Turns drags, pinches and the wheel over an element into changes of the view. */
export function followPointers(
  element: HTMLElement,
  change: (next: (view: View) => View) => void,
): void {
  const down = new Map<number, PointerEvent>();

  element.addEventListener("pointerdown", (event) => {
    down.set(event.pointerId, event);
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    const last = down.get(event.pointerId);
    if (!last) return;
    const before = spread(down);
    down.set(event.pointerId, event);
    if (down.size === 1) {
      const [dx, dy] = [event.clientX - last.clientX, event.clientY - last.clientY];
      change((view) => turnByDrag(view, dx, dy));
    } else if (before > 0) {
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
