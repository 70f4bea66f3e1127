/** What the pages load, from their own origin only. Kept as text, so that the built package needs no files beside its code. */

/** Sends the response on its way. On a page that was come back to, it waits for the button: nobody wants to be sent off again. */
export const script = `'use strict'
const [visit] = performance.getEntriesByType('navigation')
if (visit === undefined || visit.type === 'navigate') document.getElementById('response').submit()
`

export const style = `:root { color-scheme: light; --ink: #1d1d21; --soft: #55565e; --line: #8c8c96; --action: #1662dd; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f4f6; color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
.notice { margin: 0; padding: .5rem 1rem; background: #fff3cd; border-bottom: 1px solid #e0c465; color: #4d3b00; font-size: .875rem; text-align: center; }
main { width: min(25rem, 100% - 2rem); margin: 2.5rem auto; padding: 2rem; background: #fff; border: 1px solid #d7d7dc; border-radius: .375rem; overflow-wrap: anywhere; }
.brand { margin: 0 0 1.5rem; padding-bottom: 1.5rem; border-bottom: 1px solid #d7d7dc; font-weight: 700; font-size: 1.25rem; text-align: center; letter-spacing: .02em; }
h1 { margin: 0 0 1rem; font-size: 1.25rem; font-weight: 600; text-align: center; }
h2 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
label { display: block; margin: 1rem 0 .25rem; font-size: .875rem; font-weight: 600; }
input, select { width: 100%; padding: .6rem .75rem; border: 1px solid var(--line); border-radius: .25rem; background: #fff; color: inherit; font: inherit; }
button, .chiclet { display: block; width: 100%; margin-top: 1.5rem; padding: .7rem 1rem; border: 0; border-radius: .25rem; background: var(--action); color: #fff; font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
button:hover, .chiclet:hover { background: #124a94; }
:focus-visible { outline: 3px solid #1d1d21; outline-offset: 2px; }
details { margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid #d7d7dc; font-size: .875rem; }
summary { color: #124a94; cursor: pointer; }
.alert { margin: 0 0 1rem; padding: .75rem 1rem; border: 1px solid #c4281c; border-left-width: .375rem; border-radius: .25rem; font-size: .875rem; }
.soft { color: var(--soft); font-size: .875rem; }
ul { padding-left: 1.25rem; font-size: .875rem; }
@media (max-width: 30rem) { main { margin: 1rem auto; padding: 1.25rem; } }
`
