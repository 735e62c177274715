import { css } from "lit";

/** Where everything is: one column on a phone, the head beside its panel on a desk. */
export const appLayout = css`
  :host {
    box-sizing: border-box;
    display: flex;
    flex-direction: column;
    gap: 16px;
    min-height: 100dvh;
    padding: 20px 16px 16px;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 4px 16px;
    padding: 0 4px;
  }
  h1 {
    margin: 0;
    font-size: 1.25rem;
    font-weight: 650;
    letter-spacing: -0.02em;
  }
  header p,
  footer {
    margin: 0;
    font-size: 0.875rem;
    line-height: 1.5;
    color: var(--quiet);
  }
  footer {
    padding: 0 4px;
    font-size: 0.8125rem;
  }
  main {
    flex: 1;
    display: grid;
    gap: 16px;
    min-height: 0;
  }
  .show {
    position: relative;
    min-height: min(72vh, 118vw);
    background: var(--backdrop);
    border-radius: 20px;
    transition: box-shadow 120ms;
  }
  .show.over {
    box-shadow: inset 0 0 0 3px var(--accent);
  }
  .at-work .show {
    height: min(72vh, 118vw);
  }
  .welcome,
  .hint {
    position: absolute;
    inset: 0;
    display: grid;
    align-content: center;
    justify-items: center;
    gap: 12px;
    margin: 0;
    padding: 24px;
    text-align: center;
  }
  .welcome h2 {
    margin: 8px 0 0;
    font-size: clamp(1.375rem, 4vw, 1.875rem);
    font-weight: 600;
    letter-spacing: -0.02em;
    color: var(--ink);
  }
  .welcome p,
  .hint {
    margin: 0 0 6px;
    color: var(--quiet);
  }
  .welcome svg {
    width: 132px;
    fill: none;
    stroke: var(--accent);
    stroke-width: 0.9;
    stroke-linecap: round;
    stroke-linejoin: round;
    opacity: 0.9;
  }
  .welcome .outline {
    stroke-width: 2;
  }
  .with-finger {
    display: none;
  }
  @media (hover: none) {
    .with-mouse {
      display: none;
    }
    .with-finger {
      display: block;
    }
  }
  .large {
    position: absolute;
    inset: 20px;
  }
  .looks {
    position: absolute;
    left: 50%;
    bottom: 16px;
    max-width: calc(100% - 24px);
    transform: translateX(-50%);
  }
  look-switch {
    --sunken: var(--veil);
  }
  page-notice {
    position: absolute;
    left: 50%;
    top: 16px;
    width: min(420px, calc(100% - 32px));
    transform: translateX(-50%);
  }
  page-notice.below {
    top: auto;
    bottom: 36px;
  }
  aside {
    display: grid;
    align-content: start;
    gap: 24px;
    padding: 4px;
    min-width: 0;
  }
  .source {
    display: grid;
    grid-template-columns: auto 1fr;
    align-items: stretch;
    gap: 12px;
  }
  @media (min-width: 900px) {
    :host {
      height: 100dvh;
      padding: 20px 24px 16px;
    }
    .at-work {
      grid-template-columns: minmax(0, 1fr) 380px;
    }
    .show,
    .at-work .show {
      height: auto;
      min-height: 0;
    }
    aside {
      overflow-y: auto;
      /* Room for the outline of what has the focus. */
      margin: -4px 0;
      padding: 4px 12px 4px 8px;
    }
  }
`;
