// The frame around every page, and which page an address means.
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { ErrorBoundary, lazy, LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { Problem } from './api/client';
import { Keyboard, useKeys } from './keys';
import { Empty, Failure } from './parts/states';
import { findSession, session, unreachable } from './session';
import { AccountMenu } from './parts/menu';
import { Recordings } from './pages/recordings';
import { SignIn } from './pages/sign-in';

// Pages beside the first are loaded when somebody goes there.
const Recording = later(() => import('./pages/recording'));
const Account = later(() => import('./pages/account'));
const People = later(() => import('./pages/people'));
const Retention = later(() => import('./pages/retention'));
const Search = later(() => import('./pages/search'));

function later(load: () => Promise<{ default: ComponentType }>) {
  return lazy(() => load().catch(() => ({ default: NotLoaded })));
}

interface Page {
  path: string;
  name: string;
  key: string;
  administrators?: boolean;
}

/** The pages of the bar at the top. A new page is a line here and a Route below. */
const PAGES: Page[] = [
  { path: '/console/', name: 'Recordings', key: 'r' },
  { path: '/console/search', name: 'Search', key: 'q' },
  { path: '/console/retention', name: 'Retention', key: 't', administrators: true },
  { path: '/console/people', name: 'People', key: 'u', administrators: true },
  { path: '/console/account', name: 'Account', key: 'a', administrators: true },
];

/** Those that are for the caller. */
function pages() {
  return PAGES.filter(({ administrators }) => !administrators || session.value?.administrator);
}

export function App() {
  useEffect(() => void findSession(), []);
  if (unreachable.value) return <Failure problem={unreachable.value} again={findSession} />;
  if (session.value === undefined) return null;
  if (session.value === null) return <SignIn />;
  return (
    <LocationProvider scope="/console">
      <ErrorBoundary>
        <Bar />
        <main id="main" tabIndex={-1}>
          <Router onRouteChange={() => document.getElementById('main')?.focus({ preventScroll: true })}>
            <Route path="/console/" component={Recordings} />
            <Route path="/console/recordings/:id" component={Recording} />
            <Route path="/console/search" component={Search} />
            <Route path="/console/retention" component={Retention} />
            <Route path="/console/people" component={People} />
            <Route path="/console/account" component={Account} />
            <Route default component={Nothing} />
          </Router>
        </main>
      </ErrorBoundary>
      <Keyboard />
    </LocationProvider>
  );
}

function Bar() {
  const { path, route } = useLocation();
  useKeys(pages().map(({ path, name, key }) => ({ key, does: `Go to ${name}`, act: () => route(path) })));
  return (
    <header class="bar">
      <a class="skip" href="#main">Skip to the page</a>
      <a class="brand" href="/console/"><Mark />callvault</a>
      <nav aria-label="Pages">
        {pages().map((page) => (
          <a key={page.path} href={page.path} aria-current={path === page.path.replace(/\/$/, '') ? 'page' : undefined}>
            {page.name}
          </a>
        ))}
      </nav>
      <AccountMenu />
    </header>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
      <path d="M3 10v4M8 5v14M13 8v8M18 10v4" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" />
    </svg>
  );
}

/** The server is away, or another version of it has other files. */
function NotLoaded() {
  return <Failure problem={new Problem(0, 'The server cannot be reached.')} again={() => location.reload()} />;
}

function Nothing() {
  return <Empty title="There is no such page"><a href="/console/">Go to the recordings</a></Empty>;
}

