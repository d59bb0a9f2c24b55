#include "cfaiss.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <string>

#include <faiss/AutoTune.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexScalarQuantizer.h>
#include <faiss/impl/io.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>

// The toolchain ships no omp.h; libgomp exports the function. The setting belongs to the calling thread.
extern "C" void omp_set_num_threads(int);

namespace {

thread_local std::string last_error;

// Runs body, turning every exception into -1 and a message.
template <typename Body> int guarded(Body body) {
    try {
        last_error.clear();
        omp_set_num_threads(1);
        body();
        return 0;
    } catch (const std::exception &error) {
        try {
            last_error = error.what();
        } catch (...) {
        }
    } catch (...) {
        try {
            last_error = "unknown C++ exception";
        } catch (...) {
        }
    }
    return -1;
}

struct SinkWriter : faiss::IOWriter {
    cfaiss_sink sink;
    void *context;

    SinkWriter(cfaiss_sink sink, void *context) : sink(sink), context(context) { name = "sink"; }

    size_t operator()(const void *bytes, size_t size, size_t items) override {
        if (size == 0 || items == 0) return items;
        return sink(context, bytes, size * items) == 0 ? items : 0;
    }
};

void write_empty(faiss::Index &index, size_t rows, cfaiss_sink sink, void *context) {
    index.ntotal = static_cast<faiss::Index::idx_t>(rows);
    index.is_trained = true;
    SinkWriter writer(sink, context);
    faiss::write_index(&index, &writer);
}

} // namespace

#define CFAISS_TEXT(x) #x
#define CFAISS_VERSION(a, b, c) CFAISS_TEXT(a) "." CFAISS_TEXT(b) "." CFAISS_TEXT(c)

extern "C" const char *cfaiss_version(void) {
    return CFAISS_VERSION(FAISS_VERSION_MAJOR, FAISS_VERSION_MINOR, FAISS_VERSION_PATCH);
}

extern "C" const char *cfaiss_last_error(void) { return last_error.c_str(); }

extern "C" int cfaiss_write_header(enum cfaiss_kind kind, size_t dimension, size_t rows, const float *trained,
                                   cfaiss_sink sink, void *context) {
    return guarded([&] {
        if (kind == CFAISS_FLAT) {
            faiss::IndexFlat index(static_cast<faiss::Index::idx_t>(dimension), faiss::METRIC_INNER_PRODUCT);
            write_empty(index, rows, sink, context);
            return;
        }
        auto type = kind == CFAISS_HALF ? faiss::ScalarQuantizer::QT_fp16 : faiss::ScalarQuantizer::QT_8bit;
        faiss::IndexScalarQuantizer index(static_cast<int>(dimension), type, faiss::METRIC_INNER_PRODUCT);
        if (kind == CFAISS_BYTE) index.sq.trained.assign(trained, trained + 2 * dimension);
        write_empty(index, rows, sink, context);
    });
}

extern "C" int cfaiss_byte_train(size_t dimension, size_t rows, const float *vectors, float *trained) {
    return guarded([&] {
        faiss::ScalarQuantizer quantizer(dimension, faiss::ScalarQuantizer::QT_8bit);
        quantizer.train(rows, vectors);
        std::copy(quantizer.trained.begin(), quantizer.trained.end(), trained);
    });
}

extern "C" int cfaiss_byte_encode(size_t dimension, const float *trained, size_t rows, const float *vectors,
                                  uint8_t *codes) {
    return guarded([&] {
        faiss::ScalarQuantizer quantizer(dimension, faiss::ScalarQuantizer::QT_8bit);
        quantizer.trained.assign(trained, trained + 2 * dimension);
        quantizer.compute_codes(vectors, codes, rows);
    });
}

extern "C" int cfaiss_hnsw_write(size_t dimension, size_t links, size_t construction_breadth, size_t rows,
                                 const float *vectors, cfaiss_sink sink, void *context) {
    return guarded([&] {
        // By name, because IndexHNSW.h includes omp.h.
        std::string description = "HNSW" + std::to_string(links) + ",Flat";
        std::unique_ptr<faiss::Index> index(faiss::index_factory(
            static_cast<int>(dimension), description.c_str(), faiss::METRIC_INNER_PRODUCT));
        faiss::ParameterSpace().set_index_parameter(
            index.get(), "efConstruction", static_cast<double>(construction_breadth));
        if (rows > 0) index->add(static_cast<faiss::Index::idx_t>(rows), vectors);
        SinkWriter writer(sink, context);
        faiss::write_index(index.get(), &writer);
    });
}
