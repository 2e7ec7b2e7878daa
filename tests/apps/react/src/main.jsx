import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, Link, Route, Routes, useParams } from "react-router-dom";

import fork from "./fork.svg";
import "./main.css";

/* A chunk of its own, which is fetched when somebody goes there. */
const About = lazy(() => import("./About.jsx"));

function Home() {
  return <h1>Home</h1>;
}

function User() {
  return <h1>User {useParams().name}</h1>;
}

function App() {
  return (
    <>
      <nav>
        <Link id="home" to="/">Home</Link>
        <Link id="about" to="/about">About</Link>
        <Link id="user" to="/users/alice">Alice</Link>
      </nav>
      <Suspense fallback={<p>Loading</p>}>
        <Routes>
          <Route path="/" element={<Home />} />
          <Route path="/about" element={<About />} />
          <Route path="/users/:name" element={<User />} />
          <Route path="*" element={<h1>Nothing here</h1>} />
        </Routes>
      </Suspense>
      <img src={fork} alt="a fork" />
    </>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode><BrowserRouter><App /></BrowserRouter></StrictMode>,
);
