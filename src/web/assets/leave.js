// Goes on once every app has been told that the session is over (OpenID Connect Front-Channel Logout 1.0, section 3), and after
// three seconds at the latest: an app that does not answer must not keep anyone here. The page's load event waits for its frames.
const leave = () => location.replace(document.getElementById('next').href)

setTimeout(leave, 3000)
addEventListener('load', leave)
