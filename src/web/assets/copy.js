// Shows the button "Copy details" of the refusal page, and copies its four lines as text: `Request Id: ...`.
const button = document.getElementById('copy')
const status = document.getElementById('copied')
const details = document.getElementById('details')

function detailsAsText() {
  const names = [...details.querySelectorAll('dt')]
  return names
    .map((name) => `${name.textContent}: ${name.nextElementSibling.textContent}`)
    .join('\n')
}

// Browsers offer the clipboard only on https and localhost; elsewhere the older command still works on a selection.
function copyBySelection(text) {
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'offscreen'
  document.body.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  button.focus()
  return done
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

button.addEventListener('click', async () => {
  const done = await copy(detailsAsText())
  status.textContent = ''
  // A frame later, so that a screen reader hears a change even at the second copy.
  requestAnimationFrame(() => {
    status.textContent = done ? status.dataset.done : status.dataset.failed
  })
})
button.hidden = false
