/** What the pages load, from their own origin only. Kept as text, so that the built package needs no files beside its code. */

export const favicon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#4b4bb5" stroke-width="3" stroke-linecap="round"><circle cx="7" cy="25" r="3"/><circle cx="25" cy="7" r="3"/><path d="M10 25h9a4.5 4.5 0 0 0 0-9h-6a4.5 4.5 0 0 1 0-9h9"/></svg>
`

/** Of homerealm's family, in a colour of its own: one should see at once whose page it is. */
export const style = `:root {
  color-scheme: light dark;
  --ground: #e8e8f4; --ring: #d9d9ee; --card: #fff; --inset: #f5f5fb; --ink: #1b1b2a; --soft: #545469;
  --line: #d8d8e6; --edge: #7b7b94; --accent: #4343b0; --accent-strong: #313190; --on-accent: #fff;
  --homerealm: #0b665d; --okta: #1254b8;
  --error: #a1221b; --error-ground: #fdf0ee;
  --shadow: 0 1px 2px rgb(30 30 70 / 8%), 0 12px 40px rgb(30 30 70 / 12%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10101a; --ring: #191928; --card: #1b1b29; --inset: #242436; --ink: #eaeaf4; --soft: #b1b1c6;
    --line: #3a3a50; --edge: #8a8aa5; --accent: #aeb0ff; --accent-strong: #c8c9ff; --on-accent: #14143a;
    --homerealm: #5bcab6; --okta: #8db8ff;
    --error: #ff9d90; --error-ground: #33201d;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 12px 40px rgb(0 0 0 / 40%);
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); background: var(--ground); font: 1rem / 1.5 "Segoe UI Variable Text", "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", "Noto Sans", sans-serif; overflow-wrap: anywhere; }
.page { display: flex; flex-direction: column; align-items: center; justify-content: center; min-height: 100vh; padding: 2rem 1rem; background: repeating-radial-gradient(circle at 50% 118%, transparent 0 4.9rem, var(--ring) 4.9rem 5rem); }
.card { width: 100%; max-width: 44rem; padding: 2.5rem 2.75rem; background: var(--card); border-radius: .875rem; box-shadow: var(--shadow); }
.brand { display: flex; align-items: center; gap: .5rem; margin-bottom: 1.5rem; color: var(--soft); font-size: 1.125rem; font-weight: 600; letter-spacing: -.01em; }
.brand svg { flex: none; fill: none; stroke: var(--accent); stroke-width: 2.6; stroke-linecap: round; }
.tag { padding: .125rem .5rem; border: 1px solid var(--line); border-radius: 1rem; font-size: .8125rem; font-weight: 400; letter-spacing: 0; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; font-weight: 600; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance; }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.0625rem; font-weight: 600; line-height: 1.35; }
p { margin: 0 0 .75rem; }
.lead, .note { color: var(--soft); }
.note { font-size: .875rem; }
a { color: var(--accent); text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .2em; }
a:hover { color: var(--accent-strong); text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .25rem; }
.actions { display: flex; flex-wrap: wrap; align-items: center; justify-content: flex-end; gap: .75rem 1.25rem; margin-top: 1.75rem; }
.actions .other { margin-inline-end: auto; }
.button { display: inline-block; min-width: 7rem; padding: .6875rem 1.25rem; color: var(--ink); background: transparent; border: 1px solid var(--edge); border-radius: .5rem; font: inherit; font-weight: 600; line-height: 1.25; text-align: center; text-decoration: none; cursor: pointer; }
.button:hover { color: var(--ink); background: var(--inset); }
.button.primary { color: var(--on-accent); background: var(--accent); border-color: transparent; }
.button.primary:hover { color: var(--on-accent); background: var(--accent-strong); }
.button:focus-visible { border-radius: .5rem; }
.people, .story, .doings { margin: 0; padding: 0; list-style: none; }
.people li { padding: .375rem 0; line-height: 1.35; }
.people .note { display: block; }
.story li { position: relative; margin-inline-start: .875rem; padding: 0 0 1rem 1.75rem; border-inline-start: 2px solid var(--line); }
.story li:last-child { padding-bottom: 0; border-color: transparent; }
.step { position: absolute; inset: 0 auto auto calc(-.875rem - 1px); width: 1.75rem; color: var(--card); background: var(--hue); border-radius: 50%; font-size: .875rem; font-weight: 600; line-height: 1.75rem; text-align: center; }
.story strong { color: var(--hue); }
.routty { --hue: var(--accent); }
.homerealm { --hue: var(--homerealm); }
.okta { --hue: var(--okta); }
.person, .doings li { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .75rem 1rem; }
.person { margin-top: 1rem; padding: 1rem 1.25rem; background: var(--inset); border-radius: .625rem; }
.person p { margin: 0; }
.name { font-size: 1.125rem; font-weight: 600; }
.doings li { padding: .75rem 0; border-top: 1px solid var(--line); }
.doings li > div { flex: 1 1 14rem; }
.doings .note { display: block; }
.notice, .problem { margin: 1rem 0; padding: .75rem 1rem; background: var(--inset); border-inline-start: 4px solid var(--accent); border-radius: .375rem; scroll-margin-top: 1rem; }
.problem { background: var(--error-ground); border-color: var(--error); }
.notice strong, .problem strong { display: block; }
.problem strong { color: var(--error); }
.notice > :last-child, .problem > :last-child { margin-bottom: 0; }
.claims { margin: 0; }
.claims > div { display: grid; grid-template-columns: minmax(7rem, 11rem) 1fr; gap: 1rem; padding: .5rem 0; border-top: 1px solid var(--line); }
.claims + .note { margin-top: 1.5rem; }
dt { color: var(--soft); font-family: ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .9em; }
dd { margin: 0; unicode-bidi: isolate; }
dd .note { display: block; }
.below { margin-top: 1rem; }
@media (max-width: 34rem) {
  .page { justify-content: flex-start; padding: 0; background: var(--card); }
  .card { padding: 1.75rem 1.5rem; border-radius: 0; box-shadow: none; }
  .claims > div { grid-template-columns: 1fr; gap: 0; }
}
@media (forced-colors: active) {
  .card { border: 1px solid CanvasText; }
  .step { border: 1px solid CanvasText; }
}
`
