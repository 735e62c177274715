import { css } from "lit";

/** The look of buttons, headings and segmented choices, shared by the components. */
export const controls = css`
  :host {
    display: block;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  * {
    box-sizing: border-box;
  }
  h2 {
    margin: 0 0 10px;
    font-size: 0.8125rem;
    font-weight: 600;
    color: var(--quiet);
  }
  button {
    font: inherit;
    font-size: 0.875rem;
    font-weight: 500;
    line-height: 1.2;
    min-height: 40px;
    padding: 8px 14px;
    color: var(--ink);
    background: var(--raised);
    border: 1px solid var(--line);
    border-radius: 10px;
    cursor: pointer;
    transition: background 120ms, border-color 120ms;
  }
  button:hover:not(:disabled) {
    background: var(--hover);
  }
  button.primary {
    color: var(--on-accent);
    background: var(--accent);
    border-color: transparent;
  }
  button.primary:hover:not(:disabled) {
    background: var(--accent-strong);
  }
  button:disabled {
    color: var(--quiet);
    cursor: default;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      transition: none !important;
      animation: none !important;
    }
  }
`;

/** One choice out of a few, side by side: radio buttons in a frame. */
export const segments = css`
  fieldset {
    display: flex;
    gap: 2px;
    margin: 0;
    padding: 3px;
    min-width: 0;
    background: var(--sunken);
    border: 0;
    border-radius: 12px;
  }
  legend {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  label {
    position: relative;
    flex: 1;
    display: grid;
    place-items: center;
    min-height: 36px;
    padding: 4px 12px;
    font-size: 0.875rem;
    font-weight: 500;
    color: var(--quiet);
    border-radius: 9px;
    cursor: pointer;
    white-space: nowrap;
  }
  label:has(:checked) {
    color: var(--ink);
    background: var(--raised);
    box-shadow: var(--lift);
  }
  label:has(:disabled:not(:checked)) {
    opacity: 0.55;
    cursor: not-allowed;
  }
  label:has(:focus-visible) {
    outline: 2px solid var(--accent);
  }
  input {
    position: absolute;
    inset: 0;
    margin: 0;
    opacity: 0;
    cursor: inherit;
  }
`;
