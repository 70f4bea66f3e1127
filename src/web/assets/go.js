// Submits the form that carries the AuthnRequest to the identity provider, once. It runs before the page has loaded, so that
// the browser replaces this page in its history (HTML standard, form submission algorithm) and Back leads to the e-mail page.
// One who is shown the page from history all the same is asked, not sent away again: the old request may be used up.
const element = (id) => document.getElementById(id)
const [navigation] = performance.getEntriesByType('navigation')

function showReturned() {
  element('going').hidden = true
  element('returned').hidden = false
  document.title = element('returned').dataset.title
}

addEventListener('pageshow', (event) => {
  if (event.persisted) showReturned()
})

if (navigation?.type === 'back_forward') {
  showReturned()
} else {
  element('progress').hidden = false
  element('status').textContent = element('status').dataset.text
  element('send').submit()
}
